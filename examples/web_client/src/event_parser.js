/**
 * `text/event-stream`, read as the HTML standard says ("Server-sent events", 9.2.6).
 *
 * Text comes in pieces that end anywhere; what is not followed by an empty line is no event yet,
 * and is dropped with the parser.
 */

export class EventParser {
  #rest = '';
  #afterReturn = false;
  #block = empty();

  /**
   * @param {object} options
   * @param {(event: {name: string, data: string, id: string | null}) => void} options.onEvent
   *   told of every event; `id` is null for an event that names none
   * @param {(ms: number) => void} options.onRetry told how long to wait before coming back
   */
  constructor({ onEvent, onRetry = () => {} }) {
    this.onEvent = onEvent;
    this.onRetry = onRetry;
  }

  /** Read on. */
  push(text) {
    if (text === '') return;
    // A piece may end between the two characters of one line end.
    const piece = this.#afterReturn && text.startsWith('\n') ? text.slice(1) : text;
    this.#afterReturn = text.endsWith('\r');
    const lines = (this.#rest + piece).split(/\r\n|\r|\n/);
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line);
  }

  #line(line) {
    if (line === '') {
      const { name, data, id } = this.#block;
      this.#block = empty();
      if (data.length > 0) this.onEvent({ name: name || 'message', data: data.join('\n'), id });
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment: the server is still there
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    this.#field(field, value);
  }

  #field(field, value) {
    if (field === 'event') this.#block.name = value;
    else if (field === 'data') this.#block.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#block.id = value;
    else if (field === 'retry' && /^[0-9]+$/.test(value)) this.onRetry(Number(value));
  }
}

const empty = () => ({ name: '', data: [], id: null });
