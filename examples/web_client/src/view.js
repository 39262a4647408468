/** The page around the surfaces: what is said, how it goes, and buttons. Text goes in as text. */

const TOAST_MS = 8000;
const STATES = {
  connecting: () => 'Connecting…',
  open: () => 'Connected',
  waiting: waitMs => `Not connected; trying again in ${Math.ceil(waitMs / 1000)} s`,
};
const TONES = new Set(['info', 'success', 'warning', 'error']);

export class View {
  #working = 0;
  #again = null;

  constructor(page = document) {
    this.page = page;
  }

  title(text) {
    this.page.title = text;
    this.#of('heading').textContent = text;
  }

  connection(state, waitMs) {
    this.page.documentElement.dataset.connection = state;
    this.#of('connection').textContent = STATES[state](waitMs);
    this.#of('reconnect').hidden = state !== 'waiting';
  }

  /** The page shows everything up to a turn; for style sheets and tests to go by. */
  upTo(seq) {
    this.page.documentElement.dataset.seq = seq;
  }

  /** Something is on its way until `done`; what was told before it is of no interest any more. */
  working() {
    this.#of('notice').replaceChildren();
    this.#show(1);
    return { done: () => this.#show(-1) };
  }

  #show(more) {
    this.#working += more;
    this.#of('working').hidden = this.#working === 0;
  }

  said(text) {
    this.#of('log').append(element('p', { className: 'said', dir: 'auto' }, text));
  }

  toast({ text, level }) {
    const tone = TONES.has(level) ? level : 'info';
    const toast = element('div', { className: `toast ${tone}` });
    const close = button('Dismiss', () => toast.remove());
    toast.append(element('p', { dir: 'auto' }, String(text ?? '')), close);
    this.#of('toasts').append(toast);
    if (tone === 'info' || tone === 'success') setTimeout(() => toast.remove(), TOAST_MS);
  }

  /** What asking for the last answer again means. */
  onRegenerate(again) {
    this.#again = again;
  }

  /** A user interface could not be shown. */
  fallback({ text, regenerate }) {
    const again = this.#again;
    this.#notice(text, again && button(regenerate, again));
  }

  /** The host did not take what was posted; what was typed stays where it is. */
  refused(body) {
    this.#notice(body?.fallback?.text ?? body?.text ?? 'That was not possible.');
  }

  unreachable(again) {
    this.#notice('The server could not be reached. Nothing was lost.', button('Try again', again));
  }

  tell(text) {
    this.#notice(text);
  }

  #notice(text, way) {
    const parts = [element('p', { dir: 'auto' }, text), way].filter(Boolean);
    this.#of('notice').replaceChildren(...parts);
  }

  /** Buttons for what can be asked; no list for nothing. */
  examples(id, items) {
    this.#of(id).hidden = items.length === 0;
    const made = items.map(({ label, press }) => button(label, press));
    this.#of(id).querySelector('.buttons').replaceChildren(...made);
  }

  /** Whether there is a conversation for the buttons to act in. */
  usable(there) {
    this.#of('examples').inert = !there;
    for (const id of ['undo', 'redo']) this.#of(id).disabled = !there;
  }

  /** Where the conversation can be looked into; null where it cannot. */
  playground(url) {
    this.#of('playground').hidden = url === null;
    if (url !== null) this.#of('playground').href = url;
  }

  empty() {
    for (const id of ['log', 'toasts', 'notice']) this.#of(id).replaceChildren();
  }

  on(id, kind, heard) {
    this.#of(id).addEventListener(kind, heard);
  }

  /** Light, dark, or as the system is. */
  theme(name) {
    this.page.documentElement.dataset.theme = name;
    this.#of('theme').value = name;
  }

  #of(id) {
    return this.page.getElementById(id);
  }
}

function element(tag, attributes, text = '') {
  return Object.assign(document.createElement(tag), attributes, { textContent: text });
}

function button(label, press) {
  const made = element('button', { type: 'button' }, label);
  made.addEventListener('click', press);
  return made;
}
