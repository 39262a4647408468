/**
 * The official A2UI v0.8 Lit elements in a page of jsdom, driven over JSON lines.
 *
 * Every line on stdin is a request `{"id", "steps", …}` for a page of its own, every line on stdout
 * its answer. Processor, elements and markdown renderer are the official packages, unmodified;
 * only the page is not a browser's: it has no layout, no network, no fonts and no top layer.
 */

import { createRequire, register } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// The packages are installed beside the other bridge.
const require = createRequire(new URL('../node/package.json', import.meta.url));
const load = name => import(pathToFileURL(require.resolve(name)));

for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace']) console[level] = () => {};

const { JSDOM } = require('jsdom');
const { window } = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true });
// What jsdom lacks and the elements call when they load or open; none of it is judged.
window.CSSStyleSheet.prototype.replaceSync ??= () => {};
window.HTMLDialogElement.prototype.showModal ??= function () {
  this.open = true;
};
Object.assign(globalThis, { window });
for (const name of [
  'document customElements HTMLElement HTMLDialogElement HTMLInputElement Event CustomEvent',
  'CSSStyleSheet requestAnimationFrame',
].flatMap(names => names.split(' '))) {
  globalThis[name] = typeof window[name] === 'function' && !/^[A-Z]/.test(name)
    ? window[name].bind(window)
    : window[name];
}
const plainText = process.argv.includes('--without-markdown');
if (plainText) {
  // The optional package is not installed: importing it fails, as it then would.
  const refuse = `export const resolve = (name, context, next) => {
    if (name === '@a2ui/markdown-it') throw new Error('not installed');
    return next(name, context);
  };`;
  register(`data:text/javascript,${encodeURIComponent(refuse)}`);
}
const { Data } = await load('@a2ui/lit/v0_8');
const { Context } = await load('@a2ui/lit/ui');
const { renderMarkdown } = plainText ? {} : await load('@a2ui/markdown-it');

/** A theme that names no class for anything: the package has none and its elements need one. */
const styleless = new Proxy({}, { get: (_, name) => (typeof name === 'string' ? styleless : undefined) });
const tags = 'p h1 h2 h3 h4 h5 h6 ul ol li a strong em'.split(' ');
const theme = {
  components: styleless,
  elements: styleless,
  markdown: Object.fromEntries(tags.map(tag => [tag, []])),
};

/** What elements threw while they rendered, which nobody catches. */
let thrown = [];
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, error => thrown.push(describe(error)));
}

const describe = error => ({ name: error?.name ?? 'Error', message: String(error?.message) });

/** Until every element has rendered, effects and markdown included; a click may ask for a frame. */
async function settle(frame = false) {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(done => setTimeout(done, 1));
  if (frame) await new Promise(done => window.requestAnimationFrame(done));
}

class Page {
  constructor({ surface = 'main', custom = false }) {
    this.processor = Data.createSignalA2uiMessageProcessor();
    this.events = [];
    this.surface = document.createElement('a2ui-surface');
    Object.assign(this.surface, {
      surfaceId: surface,
      processor: this.processor,
      enableCustomElements: custom,
    });
    this.host = document.createElement('div');
    const given = new Map([[Context.themeContext, theme]]);
    if (renderMarkdown) given.set(Context.markdown, renderMarkdown);
    this.host.addEventListener('context-request', event => {
      if (!given.has(event.context)) return;
      event.stopPropagation();
      event.callback(given.get(event.context));
    });
    this.host.addEventListener('a2uiaction', ({ detail }) => {
      this.events.push({ name: detail.action?.name, id: detail.sourceComponentId });
    });
    document.body.append(this.host);
    this.host.append(this.surface);
  }

  /** The element of a component, by its full id. */
  find(id) {
    const found = this.elements().find(element => element.id === id);
    if (!found) throw new Error(`no element ${id}`);
    return found;
  }

  elements() {
    const root = this.surface.shadowRoot?.querySelector('a2ui-root');
    return root ? [...root.querySelectorAll('*')] : [];
  }

  /** One message to the processor; then the page shows what it made of it. */
  apply({ message }) {
    try {
      this.processor.processMessages([message]);
      return null;
    } catch (error) {
      return describe(error);
    } finally {
      this.surface.surface = this.processor.getSurfaces().get(this.surface.surfaceId) ?? null;
      this.surface.requestUpdate();
    }
  }

  /** A click on an element, or on what `inside` selects in its shadow. */
  click({ component, inside }) {
    const element = this.find(component);
    (inside ? element.shadowRoot.querySelector(inside) : element).click();
    return null;
  }

  /** Typing, ticking or dragging. */
  type({ component, value }) {
    const input = this.find(component).shadowRoot.querySelector('input');
    if (typeof value === 'boolean') input.checked = value;
    else input.value = value;
    for (const name of ['input', 'change']) {
      input.dispatchEvent(new window.Event(name, { bubbles: true, composed: true }));
    }
    return null;
  }

  close() {
    this.host.remove();
  }
}

/** What an element drew itself, without comments, styles and what only styles need. */
function drawn(element) {
  const box = document.createElement('div');
  const source = element.shadowRoot ?? element;
  box.append(...[...source.childNodes].map(child => child.cloneNode(true)));
  for (const style of box.querySelectorAll('style, svg')) style.remove();
  for (const part of box.querySelectorAll('[class]')) {
    const names = part.className.trim();
    if (names === '') part.removeAttribute('class');
    else part.className = names;
  }
  const tidy = source => source.replace(/\s+/g, ' ').trim();
  return { html: tidy(box.innerHTML.replace(/<!--.*?-->/gs, '')), text: tidy(box.textContent) };
}

const inputs = element =>
  [...(element.shadowRoot?.querySelectorAll('input') ?? [])].map(({ type, value, checked }) => ({
    type,
    value,
    checked,
  }));

function plain(value) {
  if (value && typeof value === 'object') {
    if (typeof value.entries === 'function' && typeof value.get === 'function') {
      return Object.fromEntries([...value.entries()].map(([key, item]) => [key, plain(item)]));
    }
    if (typeof value.map === 'function') return value.map(plain);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value ?? null;
}

async function answer({ id, steps, ...options }) {
  thrown = [];
  const page = new Page(options);
  const results = [];
  for (const [index, { what, ...step }] of steps.entries()) {
    results.push(page[what](step));
    const more = what === 'apply' && steps[index + 1]?.what === 'apply';
    if (!more) await settle(what === 'click');
  }
  const shown = page.elements().map(element => ({
    id: element.id,
    tag: element.localName,
    ...drawn(element),
    inputs: inputs(element),
    attributes: Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])),
  }));
  const root = page.surface.shadowRoot?.querySelector('a2ui-root');
  const loose = root ? [...root.childNodes].filter(node => node.nodeType === 3) : [];
  const data = plain(page.processor.getSurfaces().get(page.surface.surfaceId)?.dataModel);
  page.close();
  await settle();
  return {
    id,
    results,
    shown,
    loose: loose.map(node => node.data.trim()).filter(Boolean),
    events: page.events,
    thrown,
    data,
  };
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let reply;
  try {
    reply = await answer(JSON.parse(line));
  } catch (error) {
    reply = { refused: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
