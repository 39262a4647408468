/**
 * One conversation with the host: turns come in over its stream, what the user does goes out.
 *
 * The host's token is in a cookie that no script can read; a tab remembers the conversation's id
 * alone, which opens nothing. What the user does is answered over the stream like everything else;
 * the answer to a post only says whether it was taken, and the number of its turn.
 */

import { newKey, post, Refused } from './requests.js';
import { TurnStream } from './turn_stream.js';

/** Reports in a row that did not help: a surface that is refused again and again is let be. */
const MOST_REPORTS = 3;

export class Conversation {
  #stream;
  #seq = 0;
  #reports = 0;
  #waiting = [];
  #pending = new Set();

  /**
   * @param {URL} url the conversation's own address
   * @param {object} options
   * @param {string} options.language a language tag
   * @param {import('./surfaces.js').Surfaces} options.surfaces
   * @param {import('./view.js').View} options.view
   * @param {() => void} options.onGone told when the host knows it no longer
   */
  constructor(url, { language, surfaces, view, onGone }) {
    this.url = url;
    this.language = language;
    this.surfaces = surfaces;
    this.view = view;
    this.#stream = new TurnStream(this.#at('stream'), {
      onTurn: (events, id) => this.#turn(events, Number(id)),
      onState: (state, waitMs) => view.connection(state, waitMs),
      onGone,
    });
  }

  /**
   * Begin a conversation; its address.
   *
   * @param {URL} root where the host is
   * @param {string} language a language tag
   * @param {string[]} catalogs ids of the catalogs whose components the page can show
   */
  static async begin(root, language, catalogs) {
    const begun = { capabilities: { supportedCatalogIds: catalogs } };
    const { id } = await post(new URL('conversations', root), begun, { key: newKey(), language });
    return new URL(`conversations/${encodeURIComponent(id)}/`, root);
  }

  follow() {
    return this.#stream.run();
  }

  leave() {
    this.#stream.stop();
  }

  reconnect() {
    this.#stream.wake();
  }

  /** A turn of the model: an envelope, or the text that a model wrote around one. */
  ask(source) {
    const again = () => this.ask(source);
    this.view.onRegenerate(again);
    return this.#send('turns', source, again);
  }

  /** Go one turn back, or forth again. */
  back(direction) {
    return this.#send(direction, {}, () => this.back(direction));
  }

  /** A press; one that is on its way already is not sent twice. */
  async press(event) {
    const { surfaceId, sourceComponentId } = event.userAction;
    const button = `${surfaceId} ${sourceComponentId}`;
    if (this.#pending.has(button)) return;
    this.#pending.add(button);
    const element = this.surfaces.elements.get(surfaceId);
    element?.setAttribute('aria-busy', 'true');
    try {
      await this.#send('events', event, () => this.press(event));
    } finally {
      this.#pending.delete(button);
      element?.removeAttribute('aria-busy');
    }
  }

  /** Keep a file; the handle that stands for it. */
  async upload(file, field) {
    const form = new FormData();
    form.append(field, file);
    const { handle } = await post(this.#at('uploads'), form, this.#options(newKey()));
    return handle;
  }

  /** Post something; done once the page shows what came of it. */
  async #send(path, body, again) {
    const working = this.view.working();
    try {
      const { seq } = await post(this.#at(path), body, this.#options(newKey()));
      await this.#shown(seq);
    } catch (error) {
      if (error instanceof Refused) this.view.refused(error.body);
      else if (error instanceof TypeError) this.view.unreachable(again);
      else throw error;
    } finally {
      working.done();
    }
  }

  #options(key) {
    return { key, language: this.language, onRetry: () => this.#stream.wake() };
  }

  #at(path) {
    return new URL(path, this.url);
  }

  /** When a turn is on the page. */
  #shown(seq) {
    if (!(seq > this.#seq)) return Promise.resolve();
    return new Promise(done => this.#waiting.push({ seq, done }));
  }

  #turn(events, seq) {
    const messages = events.filter(({ name }) => name === 'a2ui').map(({ data }) => data);
    const refused = this.surfaces.take(messages);
    for (const { name, data } of events) this.#beside(name, data);
    this.#seq = seq;
    this.view.upTo(seq);
    for (const { done } of this.#waiting.filter(item => item.seq <= seq)) done();
    this.#waiting = this.#waiting.filter(item => item.seq > seq);
    this.#check(refused);
  }

  /** What a turn tells beside its messages; names that come later are not ours to refuse. */
  #beside(name, data) {
    if (name === 'text') this.view.said(data.text);
    else if (name === 'effect' && data.kind === 'toast') this.view.toast(data.data);
    else if (name === 'fallback') this.view.fallback(data);
  }

  /** Tell the host what the renderer could not take; it answers with the surface built anew. */
  async #check(refused) {
    const failed = [...refused, ...(await this.surfaces.undrawn())];
    if (failed.length === 0) {
      this.#reports = 0;
      return;
    }
    for (const { name, message, surfaceId } of failed) {
      if (this.#reports === MOST_REPORTS) return;
      this.#reports += 1;
      const error = { code: name, message, surfaceId };
      await post(this.#at('events'), { error }, this.#options(newKey())).catch(reportError);
    }
  }
}
