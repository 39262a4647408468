/**
 * Surfaces shown by the official A2UI v0.8 Lit renderer, small enough to be read in one go.
 *
 * `Surfaces` shows surfaces in the order they came, hands messages to the official processor, and
 * tells `onUserAction` what a user did, built as the protocol says. It knows no server, no
 * transport and no app: whoever makes one connects it.
 */

import { Data } from '@a2ui/lit/v0_8';
import { Context } from '@a2ui/lit/ui';
import { renderMarkdown } from '@a2ui/markdown-it';
import { theme } from './theme.js';

export class Surfaces {
  /**
   * @param {HTMLElement} place where surfaces are shown
   * @param {object} options
   * @param {(event: {userAction: object}) => void} options.onUserAction told of every press
   * @param {() => string} options.now the time of a press, as an ISO 8601 text
   */
  constructor(place, { onUserAction, now = () => new Date().toISOString() }) {
    this.place = place;
    this.onUserAction = onUserAction;
    this.now = now;
    this.processor = Data.createSignalA2uiMessageProcessor();
    this.elements = new Map();
    this.#provide(new Map([[Context.themeContext, theme], [Context.markdown, renderMarkdown]]));
    place.addEventListener('a2uiaction', event => this.#heard(event));
  }

  /** Take messages, one at a time: what follows a refused one is applied all the same. */
  take(messages) {
    const refused = [];
    for (const message of messages) {
      try {
        this.processor.processMessages([message]);
      } catch (error) {
        refused.push(told(error, Object.values(message)[0]?.surfaceId));
      }
    }
    this.#show();
    return refused;
  }

  /** Forget all surfaces. */
  clear() {
    this.processor.clearSurfaces();
    this.#show();
  }

  /** What could not be drawn, once everything else is; the renderer tells nobody else. */
  async undrawn() {
    const failed = [];
    for (const [surfaceId, element] of this.elements) {
      await element.updateComplete;
      const inside = element.shadowRoot.querySelector('a2ui-root')?.querySelectorAll('*') ?? [];
      const ends = await Promise.allSettled([...inside].map(item => item.updateComplete));
      const first = ends.find(end => end.status === 'rejected');
      if (first) failed.push(told(first.reason, surfaceId));
    }
    return failed;
  }

  /** One element for every surface that is ready, in the order they came. */
  #show() {
    const ready = this.processor.getSurfaces();
    for (const [id, element] of this.elements) {
      if (ready.has(id)) continue;
      element.remove();
      this.elements.delete(id);
    }
    for (const [id, surface] of ready) {
      if (!this.elements.has(id)) this.elements.set(id, this.#newElement(id));
      const element = this.elements.get(id);
      element.surface = surface;
      element.requestUpdate(); // The surface is the same object; what is in it may not be.
    }
  }

  #newElement(surfaceId) {
    const element = document.createElement('a2ui-surface');
    // Custom elements: for components of an app's own catalog, registered in `upload.js`.
    Object.assign(element, { surfaceId, processor: this.processor, enableCustomElements: true });
    this.place.append(element);
    return element;
  }

  /** The official elements ask for their theme and their markdown renderer by context. */
  #provide(given) {
    this.place.addEventListener('context-request', event => {
      if (!given.has(event.context)) return;
      event.stopPropagation();
      event.callback(given.get(event.context));
    });
  }

  /** A Button was pressed. The renderer tells which one; the event is the host's to build. */
  #heard(event) {
    const { action, sourceComponentId, sourceComponent } = event.detail;
    const surfaceId = event.composedPath().find(item => item.localName === 'a2ui-surface').surfaceId;
    const context = {};
    for (const { key, value } of action.context ?? []) {
      context[key] = this.#resolve(value, sourceComponent, surfaceId);
    }
    const { name } = action;
    const userAction = { name, surfaceId, sourceComponentId, timestamp: this.now(), context };
    this.onUserAction({ userAction });
  }

  /** A literal as it is, also `false`, `0` and `""`; a path as the component sees it, else null. */
  #resolve(value, component, surfaceId) {
    for (const literal of ['literalString', 'literalNumber', 'literalBoolean']) {
      if (value[literal] !== undefined) return value[literal];
    }
    return plain(this.processor.getData(component, value.path, surfaceId));
  }
}

/** The processor's data as JSON: its maps as objects, nothing as null. */
export function plain(value) {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plain);
  const entries = typeof value.entries === 'function' ? [...value.entries()] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]));
}

const told = (error, surfaceId) => ({
  name: error?.name ?? 'Error',
  message: String(error?.message ?? error).slice(0, 4000),
  surfaceId,
});
