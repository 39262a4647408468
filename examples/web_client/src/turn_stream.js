/**
 * A conversation's stream, as whole turns, over any number of connections.
 *
 * The last event of a turn carries an id. Events wait for it, so that a connection that is cut in
 * the middle of a turn leaves nothing half shown; coming back with `Last-Event-ID` brings the turn
 * again from its beginning. `EventSource` does most of this, but gives up for good at the first
 * answer that is no stream, and cannot tell a quiet server from one that is gone.
 */

import { EventParser } from './event_parser.js';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A server says every fifteen seconds that it is still there: three of these missed is enough. */
const SILENCE_MS = 45_000;
/** The server's answer to a conversation that is not, or that is not ours. */
const GONE = new Set([401, 403, 404, 410]);

export class TurnStream {
  #stopped = false;
  #connection = null;
  #wake = () => {};
  #failures = 0;
  #retryMs = FIRST_WAIT_MS;

  /**
   * @param {string} url
   * @param {object} options
   * @param {(events: {name: string, data: any}[], id: string) => void} options.onTurn told of every
   *   turn, once it is whole
   * @param {(state: 'connecting' | 'open' | 'waiting', waitMs?: number) => void} options.onState
   * @param {(status: number) => void} options.onGone told when there is no such conversation
   */
  constructor(url, { onTurn, onState, onGone }) {
    this.url = url;
    this.onTurn = onTurn;
    this.onState = onState;
    this.onGone = onGone;
    /** The id of the last turn that was whole. */
    this.lastId = null;
  }

  /** Follow the stream until `stop`. */
  async run() {
    while (!this.#stopped) {
      this.onState('connecting');
      const waitMs = await this.#connect();
      if (this.#stopped) return;
      this.onState('waiting', waitMs);
      await this.#pause(waitMs);
    }
  }

  stop() {
    this.#stopped = true;
    this.#connection?.abort();
    this.#wake();
  }

  /** Do not wait any longer: the network is back, or the user asked. */
  wake() {
    this.#wake();
  }

  /** One connection, to its end; how long to wait before the next. */
  async #connect() {
    this.#connection = new AbortController();
    try {
      const answer = await fetch(this.url, {
        headers: this.#headers(),
        cache: 'no-store',
        signal: this.#connection.signal,
      });
      if (GONE.has(answer.status)) return this.#gone(answer.status);
      if (!isStream(answer)) return this.#backOff(answer.headers.get('retry-after'));
      this.onState('open');
      await this.#read(answer.body);
    } catch {
      // The network or the server went away; what was not whole is dropped with its parser.
    } finally {
      this.#connection.abort();
    }
    return this.#backOff();
  }

  #headers() {
    const headers = { Accept: 'text/event-stream' };
    return this.lastId === null ? headers : { ...headers, 'Last-Event-ID': this.lastId };
  }

  async #read(body) {
    let turn = [];
    const parser = new EventParser({
      onEvent: ({ name, data, id }) => {
        turn.push({ name, data: JSON.parse(data) });
        if (id === null) return;
        this.#whole(turn, id);
        turn = [];
      },
      onRetry: ms => {
        this.#retryMs = ms;
      },
    });
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await this.#next(reader);
      if (done) return;
      this.#failures = 0;
      parser.push(value);
    }
  }

  /** What goes wrong with a turn is no fault of the connection: the next turn comes all the same. */
  #whole(turn, id) {
    this.lastId = id;
    try {
      this.onTurn(turn, id);
    } catch (error) {
      reportError(error);
    }
  }

  /** The next piece; a connection on which nothing comes any more is ended. */
  async #next(reader) {
    const timer = setTimeout(() => this.#connection.abort(), SILENCE_MS);
    try {
      return await reader.read();
    } finally {
      clearTimeout(timer);
    }
  }

  #gone(status) {
    this.stop();
    this.onGone(status);
    return 0;
  }

  /** Twice as long after every failure; a part of it by chance, so that not all come at once. */
  #backOff(retryAfter = null) {
    const longest = Math.min(this.#retryMs * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#failures += 1;
    const asked = /^[0-9]+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0;
    return Math.max(asked, longest * (0.5 + Math.random() / 2));
  }

  #pause(ms) {
    return new Promise(done => {
      const timer = setTimeout(done, ms);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}

const isStream = answer =>
  answer.ok && (answer.headers.get('content-type') ?? '').startsWith('text/event-stream');
