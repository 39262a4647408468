/**
 * Posts that arrive exactly once, however often they have to be sent.
 *
 * Every post has a key of its own and keeps it over all its attempts: the host does what it asks
 * once, and answers every further attempt with the first answer.
 */

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 10_000;
/** Answers that say nothing about the post itself. */
const PASSING = new Set([408, 425, 429, 502, 503, 504]);

/** What the host answered to a post it did not take. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {any} body the answer's JSON, or null
   */
  constructor(status, body) {
    super(`refused with status ${status}`);
    this.status = status;
    this.body = body;
  }
}

/**
 * Post something until it is answered.
 *
 * @param {URL} url
 * @param {object | string | FormData} body JSON, a text as it is, or a form with files
 * @param {object} options
 * @param {string} options.key the post's own; `newKey()` makes one
 * @param {string} options.language a language tag
 * @param {(attempt: number) => void} options.onRetry told before every further attempt
 * @returns {Promise<any>} the answer's JSON
 * @throws {Refused} the host did not take it
 * @throws {TypeError} the host could not be reached
 */
export async function post(url, body, { key, language, onRetry = () => {} }) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await once(url, body, key, language).catch(error => error);
    const passing = !(answer instanceof Response) || PASSING.has(answer.status);
    if (!passing || attempt === ATTEMPTS) return read(answer);
    onRetry(attempt);
    await pause(waitMs(attempt, answer));
  }
}

/** A key that no other post has; `randomUUID` is missing where a page is not served by https. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

function once(url, body, key, language) {
  const isJson = typeof body !== 'string' && !(body instanceof FormData);
  return fetch(url, {
    method: 'POST',
    body: isJson ? JSON.stringify(body) : body, // the browser says what a text or a form is
    headers: {
      Accept: 'application/json',
      'Accept-Language': language,
      'Idempotency-Key': key,
      ...(isJson && { 'Content-Type': 'application/json' }),
    },
  });
}

async function read(answer) {
  if (!(answer instanceof Response)) throw answer;
  const body = await answer.json().catch(() => null); // a proxy's page is no JSON
  if (!answer.ok) throw new Refused(answer.status, body);
  return body;
}

function waitMs(attempt, answer) {
  const asked = Number(answer.headers?.get('retry-after') ?? 0) * 1000 || 0;
  const longest = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return Math.max(asked, longest * (0.5 + Math.random() / 2));
}

const pause = ms => new Promise(done => setTimeout(done, ms));
