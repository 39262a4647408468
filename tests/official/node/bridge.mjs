/**
 * One official A2UI v0.8 client per session, driven over JSON lines.
 *
 * Every line on stdin is a request `{"id", "cmd", …}`; every line on stdout is its answer
 * `{"id", "ok", …}`, in order. What the client refuses comes back as an ordinary error name
 * (`ZodError`, `A2uiStateError`, …); a request this file cannot serve comes back as `BridgeError`.
 * Nothing a request holds ends the process. Only the last section reads the clock (`action`
 * without a timestamp); only `DateTimeInput` reads the time zone (`TZ`).
 *
 * The message processor and the markdown renderer are the official packages, unmodified. What a
 * screen shows beyond Text (labels, values, options) follows what the Lit renderer 0.11 was seen to
 * show; it needs a browser and is not run here.
 */

import { createInterface } from 'node:readline';
import { A2uiMessageProcessor } from '@a2ui/web_core/data/model-processor';
import { JSDOM } from 'jsdom';

for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace']) console[level] = () => {};

const { window } = new JSDOM('<!doctype html><body></body>');
// DOMPurify, inside the markdown package, looks for a browser window when it first sanitizes.
globalThis.window = window;
globalThis.document = window.document;
const { renderMarkdown } = await import('@a2ui/markdown-it');

class BridgeError extends Error {
  name = 'BridgeError';
}

// ---------------------------------------------------------------- sessions

/** Nodes as the processor built them, so that look-alike objects in props are not taken for one. */
const nodes = new WeakSet();

/**
 * The processor's own hook for making objects: marks nodes and changes nothing. A subclass could
 * do it too, but would deepen the call stack, which is part of how the client treats deep trees.
 */
function MarkedObject(fields) {
  if (fields === undefined) return {};
  if ('dataContextPath' in fields) nodes.add(fields);
  return fields;
}

const newProcessor = () =>
  new A2uiMessageProcessor({
    mapCtor: Map,
    arrayCtor: Array,
    setCtor: Set,
    objCtor: MarkedObject,
  });

const sessions = new Map();

function sessionOf({ session }) {
  const processor = sessions.get(session);
  if (!processor) throw new BridgeError(`no session ${JSON.stringify(session)}`);
  return processor;
}

function describe(error) {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  return { name: error.name || 'Error', message: String(error.message).slice(0, 4000) };
}

function applyOne(processor, messages) {
  try {
    processor.processMessages(messages);
    return { ok: true };
  } catch (error) {
    return { ok: false, error: describe(error) };
  }
}

// ---------------------------------------------------------------- JSON out

/** JSON text that is already written. */
class Written {
  constructor(text) {
    this.text = text;
  }
}

function writeObject(entries, plain) {
  const parts = [];
  for (const [key, value] of entries) {
    if (value !== undefined) parts.push(`${JSON.stringify(String(key))}:${write(value, plain)}`);
  }
  return `{${parts.join(',')}}`;
}

/**
 * JSON text of a value. A Map becomes `{"$map": [[key, value], …]}`, or with `plain` an object
 * whose keys keep the Map's order (a JavaScript object would sort numeric keys to the front).
 */
function write(value, plain) {
  if (value === undefined || typeof value === 'function') return 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (value instanceof Written) return value.text;
  if (value instanceof Map) {
    if (plain) return writeObject(value, plain);
    return `{"$map":[${Array.from(value, pair => write(pair, plain)).join(',')}]}`;
  }
  // Array.from turns the holes of a sparse array into undefined, so they are written too.
  if (Array.isArray(value)) return `[${Array.from(value, v => write(v, plain)).join(',')}]`;
  if (nodes.has(value)) {
    const { id, type, dataContextPath, weight, properties } = value;
    const shown = { id, type: type ?? null, props: properties, dataContextPath };
    if (weight !== 'initial') shown.weight = weight;
    return writeObject(Object.entries(shown), plain);
  }
  return writeObject(Object.entries(value), plain);
}

/** All surfaces, ready or not: `ready` says whether `getSurfaces()` would list it. */
function stateOf(processor, plain, only) {
  return new Written(writeObject(surfacesOf(processor, only), plain));
}

function surfacesOf(processor, only) {
  const surfaces = [];
  for (const [id, surface] of processor.surfaces) {
    if (only !== undefined && id !== only) continue;
    const { rootComponentId, styles, dataModel, componentTree } = surface;
    surfaces.push([
      id,
      {
        ready: Boolean(rootComponentId),
        root: rootComponentId,
        styles,
        data: dataModel,
        tree: componentTree,
      },
    ]);
  }
  return surfaces;
}

// ---------------------------------------------------------------- text on screen

const BLOCKS = new Set(
  'ADDRESS BLOCKQUOTE DIV DL DD DT H1 H2 H3 H4 H5 H6 HR LI OL P PRE TABLE TR UL'.split(' '),
);

/** Text as a browser lays it out: white space collapsed, `<br>` and blocks on lines of their own. */
function visibleText(root) {
  let text = '';
  const newline = () => {
    text = text.replace(/[ \t]+$/, '');
    if (text !== '' && !text.endsWith('\n')) text += '\n';
  };
  const walk = (node, keepSpace) => {
    if (node.nodeType === 3) {
      if (keepSpace) {
        text += node.data;
        return;
      }
      let run = node.data.replace(/[ \t\n\r\f]+/g, ' ');
      if (text === '' || /[ \n]$/.test(text)) run = run.replace(/^ /, '');
      text += run;
    } else if (node.nodeName === 'BR') {
      text = `${text.replace(/[ \t]+$/, '')}\n`;
    } else {
      const block = BLOCKS.has(node.nodeName);
      if (block) newline();
      for (const child of node.childNodes) walk(child, keepSpace || node.nodeName === 'PRE');
      if (block) newline();
    }
  };
  walk(root, false);
  return text.replace(/[ \t\n]+$/, '');
}

const rendered = new Map();

/** A text through the official markdown renderer; remembered, as sanitizing is slow. */
async function markdown(text) {
  if (typeof text !== 'string') throw new BridgeError('markdown wants a string');
  let result = rendered.get(text);
  if (!result) {
    const html = await renderMarkdown(text);
    const box = window.document.createElement('div');
    box.innerHTML = html;
    result = {
      html,
      text: visibleText(box),
      links: Array.from(box.querySelectorAll('a[href]'), a => a.getAttribute('href')),
      images: Array.from(box.querySelectorAll('img'), img => img.getAttribute('src') ?? ''),
      tags: [...new Set(Array.from(box.querySelectorAll('*'), e => e.localName))].sort(),
    };
    if (rendered.size > 20000) rendered.clear();
    rendered.set(text, result);
  }
  return result;
}

// ---------------------------------------------------------------- the screen, as Lit shows it

/** What an `<input>` would hold: the browser's own sanitizing, by way of jsdom. */
function inputValue(steps) {
  const input = window.document.createElement('input');
  steps(input);
  return input.value;
}

/** One surface of one session, read the way the Lit renderer reads it. */
class Screen {
  constructor(processor, surfaceId, reachable) {
    this.processor = processor;
    this.surfaceId = surfaceId;
    this.reachable = reachable;
    this.shown = [];
  }

  data(node, path) {
    return this.processor.getData(node, path, this.surfaceId);
  }

  /** A label or a title: only strings show, anything else reads as empty. */
  string(node, bound) {
    if (bound === null || typeof bound !== 'object') return '';
    if ('literalString' in bound) return String(bound.literalString ?? '');
    if (bound.literal !== undefined) return String(bound.literal ?? '');
    const value = bound.path ? this.data(node, bound.path) : '';
    return typeof value === 'string' ? value : '';
  }

  /**
   * The value of an input or a media URL: `[value]`, or `[]` when the renderer draws nothing.
   * `falsyLiterals` is false where a falsy `literal<Kind>` is skipped instead of shown.
   */
  value(node, bound, kind, falsyLiterals) {
    if (!bound || typeof bound !== 'object') return [];
    const literal = `literal${kind}`;
    if (falsyLiterals ? literal in bound : bound[literal]) return [bound[literal]];
    if (bound.literal !== undefined) return [bound.literal];
    return bound.path ? [this.data(node, bound.path)] : [];
  }

  add(node, role, text) {
    this.shown.push([node.id, role, String(text)]);
  }

  async node(node) {
    const show = Object.hasOwn(SHOW, node.type ?? '') ? SHOW[node.type] : undefined;
    if (!show) {
      this.add(node, 'broken', '');
      return;
    }
    try {
      await show(this, node, node.properties);
    } catch (error) {
      this.add(node, 'broken', describe(error).name);
    }
  }

  async children(list) {
    for (const child of list ?? []) if (nodes.has(child)) await this.node(child);
  }
}

const HEADINGS = { h1: '#', h2: '##', h3: '###', h4: '####', h5: '#####' };

async function showText(screen, node, { text: bound, usageHint }) {
  let value = null;
  if (bound && typeof bound === 'object') {
    // An empty literalString falls through, and so shows as missing.
    if (bound.literalString) value = bound.literalString;
    else if (bound.literal !== undefined) value = bound.literal;
    else if (bound.path) value = screen.data(node, bound.path)?.toString();
  }
  if (value === null || value === undefined) return screen.add(node, 'broken', '(empty)');
  if (typeof value !== 'string') return screen.add(node, 'broken', String(value));
  let source = value;
  if (Object.hasOwn(HEADINGS, usageHint ?? '')) source = `${HEADINGS[usageHint]} ${value}`;
  else if (usageHint === 'caption') source = `*${value}*`;
  const { text, links, images } = await markdown(source);
  screen.add(node, usageHint && usageHint !== 'body' ? usageHint : 'text', text);
  for (const href of links) screen.add(node, 'link', href);
  for (const src of images) screen.add(node, 'image', src);
}

function showMedia(role, broken, spell = value => value) {
  return (screen, node, props) => {
    const bound = props.url ?? props.name;
    const isPath = !('literalString' in bound) && bound.literal === undefined;
    const [value] = screen.value(node, bound, 'String', true);
    if (isPath && !bound.path) screen.add(node, 'broken', '(empty)');
    else if (isPath && (!value || typeof value !== 'string')) screen.add(node, 'broken', broken);
    else screen.add(node, role, spell(String(value ?? '')));
  };
}

async function showButton(screen, node, { child }) {
  const inner = new Screen(screen.processor, screen.surfaceId, screen.reachable);
  await inner.children([child]);
  const isText = ([, role]) => role === 'text' || role === 'caption' || role in HEADINGS;
  screen.add(node, 'button', inner.shown.filter(isText).map(([, , text]) => text).join('\n'));
  screen.shown.push(...inner.shown.filter(entry => !isText(entry)));
}

async function showTabs(screen, node, { tabItems }) {
  for (const { title } of tabItems) {
    const [value] = screen.value(node, title, 'String', false);
    const unreadable = value !== undefined ? typeof value !== 'string' : Boolean(title?.path);
    if (unreadable) screen.add(node, 'broken', '(invalid)');
    else screen.add(node, 'tab', value ?? '');
  }
  const children = tabItems.map(item => item.child);
  await screen.children(screen.reachable ? children : children.slice(0, 1));
}

function showTextField(screen, node, { label, text, textFieldType }) {
  const caption = screen.string(node, label);
  if (caption) screen.add(node, 'label', caption);
  const value = inputValue(input => {
    input.value = screen.string(node, text);
    input.type = textFieldType === 'number' ? 'number' : 'text';
  });
  screen.add(node, 'value', value);
}

/** A component of an app's own, for which the host would have registered an element. */
function showFileUpload(screen, node, { label, value }) {
  screen.add(node, 'label', screen.string(node, label));
  screen.add(node, 'value', screen.string(node, value));
}

function showCheckBox(screen, node, { label, value: bound }) {
  const found = screen.value(node, bound, 'Boolean', false);
  if (found.length === 0) return screen.add(node, 'broken', '');
  if (typeof found[0] !== 'boolean') return screen.add(node, 'broken', 'Invalid label');
  screen.add(node, 'label', screen.string(node, label));
  screen.add(node, 'value', found[0]);
}

function showSlider(screen, node, { value: bound, minValue, maxValue }) {
  const found = screen.value(node, bound, 'Number', false);
  if (found.length === 0) return screen.add(node, 'broken', '');
  const [value] = found;
  if (typeof value !== 'number' && typeof value !== 'string') {
    return screen.add(node, 'broken', 'Invalid value');
  }
  const number = typeof value === 'string' ? Number.parseInt(value, 10) : value;
  screen.add(node, 'value', Number.isNaN(number) ? -1 : number);
  const thumb = inputValue(input => {
    input.type = 'range';
    // In this order: the value meets the default range 0..100 before min and max are known.
    input.value = value;
    input.min = minValue ?? '0';
    input.max = maxValue ?? '0';
    // Browsers pull the handle into the new range; jsdom does when told again.
    input.value = input.value;
  });
  screen.add(node, 'thumb', thumb);
}

function dateKind({ enableDate = true, enableTime = true }) {
  if (enableDate === enableTime) return ['datetime-local', 'Date & Time'];
  return enableDate ? ['date', 'Date'] : ['time', 'Time'];
}

function dateText(value, type) {
  const date = value ? new Date(value) : null;
  if (!date || Number.isNaN(date.getTime())) return '';
  const two = number => String(number).padStart(2, '0');
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-');
  const time = [date.getHours(), date.getMinutes()].map(two).join(':');
  if (type === 'datetime-local') return `${day}T${time}`;
  return type === 'date' ? day : time;
}

function showDateTimeInput(screen, node, props) {
  const found = screen.value(node, props.value, 'String', false);
  if (found.length === 0) return screen.add(node, 'broken', '');
  if (typeof found[0] !== 'string') return screen.add(node, 'broken', '(invalid)');
  const [type, label] = dateKind(props);
  screen.add(node, 'label', label);
  const value = inputValue(input => {
    input.value = dateText(found[0], type);
    input.type = type;
  });
  screen.add(node, 'value', value);
}

/** What is chosen now; throws for a literalArray, as the renderer does. */
function chosen(screen, node, selections) {
  const value = Array.isArray(selections) ? selections : screen.data(node, selections.path);
  return Array.isArray(value) ? value : [];
}

function showMultipleChoice(screen, node, { selections, options }) {
  const current = chosen(screen, node, selections);
  const labels = options.map(option => screen.string(node, option.label));
  screen.add(node, 'header', current.length > 0 ? `${current.length} Selected` : 'Select items');
  for (const label of labels) screen.add(node, 'option', label);
  options.forEach((option, index) => {
    if (current.includes(option.value)) screen.add(node, 'selected', labels[index]);
  });
}

const showChildren = (screen, _node, { children }) => screen.children(children);

const SHOW = {
  Text: showText,
  Image: showMedia('image', 'Invalid image URL'),
  Icon: showMedia('icon', 'Invalid icon name', name =>
    name.replace(/[A-Z]/g, letter => `_${letter}`).toLocaleLowerCase(),
  ),
  Video: showMedia('video', 'Invalid video URL'),
  AudioPlayer: showMedia('audio', 'Invalid audio URL'),
  Row: showChildren,
  Column: showChildren,
  List: showChildren,
  Card: (screen, _node, { child, children }) => screen.children(children ?? [child]),
  Tabs: showTabs,
  Divider: (screen, node) => screen.add(node, 'divider', ''),
  Modal: (screen, _node, { entryPointChild, contentChild }) =>
    screen.children(screen.reachable ? [entryPointChild, contentChild] : [entryPointChild]),
  Button: showButton,
  CheckBox: showCheckBox,
  TextField: showTextField,
  FileUpload: showFileUpload,
  DateTimeInput: showDateTimeInput,
  MultipleChoice: showMultipleChoice,
  Slider: showSlider,
};

// ---------------------------------------------------------------- the user's hands

/** Every node of a resolved tree, in tree order. */
function nodesIn(tree) {
  const found = [];
  const walk = value => {
    if (value === null || typeof value !== 'object' || value instanceof Map) return;
    if (nodes.has(value)) found.push(value);
    for (const child of Object.values(nodes.has(value) ? value.properties : value)) walk(child);
  };
  walk(tree);
  return found;
}

/** The node with a full id (`tpl:key` inside a template), in tree order where several share it. */
function findNode(processor, surfaceId, id, index) {
  const tree = processor.surfaces.get(surfaceId)?.componentTree;
  if (!tree) throw new BridgeError(`surface ${JSON.stringify(surfaceId)} shows nothing`);
  const found = nodesIn(tree).filter(node => node.id === id);
  if (found.length === 0) throw new BridgeError(`no component ${JSON.stringify(id)} in the tree`);
  if (index === undefined && found.length > 1) {
    throw new BridgeError(`${found.length} components have the id ${JSON.stringify(id)}`);
  }
  if (!found[index ?? 0]) throw new BridgeError(`only ${found.length} with that id`);
  return found[index ?? 0];
}

function wants(kind, value) {
  if (typeof value !== kind) throw new BridgeError(`this input takes a ${kind}`);
  return value;
}

function toggled(current, wanted) {
  if (!Array.isArray(wanted)) throw new BridgeError('this input takes a list of strings');
  const kept = current.filter(value => wanted.includes(value));
  return [...kept, ...wanted.filter(value => !kept.includes(value))];
}

/** By component type: the property that is written, and the value the input would write. */
const TYPED = {
  TextField: ({ properties }, value) => [
    properties.text,
    inputValue(input => {
      input.type = properties.textFieldType === 'number' ? 'number' : 'text';
      input.value = wants('string', value);
    }),
  ],
  CheckBox: ({ properties }, value) => [properties.value, wants('boolean', value)],
  FileUpload: ({ properties }, value) => [properties.value, wants('string', value)],
  Slider: ({ properties }, value) => [
    properties.value,
    inputValue(input => {
      input.type = 'range';
      input.min = properties.minValue ?? '0';
      input.max = properties.maxValue ?? '0';
      input.value = value;
    }),
  ],
  DateTimeInput: ({ properties }, value) => [
    properties.value,
    inputValue(input => {
      [input.type] = dateKind(properties);
      input.value = wants('string', value);
    }),
  ],
  MultipleChoice: (node, value, screen) => [
    node.properties.selections,
    toggled(chosen(screen, node, node.properties.selections), value),
  ],
};

function edit(processor, { surface, component, index, value }) {
  const node = findNode(processor, surface, component, index);
  if (!Object.hasOwn(TYPED, node.type ?? '')) throw new BridgeError(`${node.type} takes no input`);
  const [bound, typed] = TYPED[node.type](node, value, new Screen(processor, surface, true));
  const stored = Boolean(bound && typeof bound === 'object' && bound.path);
  if (stored) processor.setData(node, bound.path, typed, surface);
  return { stored, value: typed };
}

function userAction(processor, { surface, component, index, timestamp }) {
  const node = findNode(processor, surface, component, index);
  return actionOf(processor, surface, node, timestamp);
}

function actionOf(processor, surface, node, timestamp) {
  const { action } = node.properties;
  if (node.type !== 'Button' || !action) throw new BridgeError(`${node.type} emits no action`);
  const context = new Map();
  for (const { key, value } of action.context ?? []) {
    const literals = [value.literalString, value.literalNumber, value.literalBoolean];
    const literal = literals.find(found => found !== undefined);
    if (literal !== undefined) context.set(key, literal);
    else if (value.path) context.set(key, processor.getData(node, value.path, surface) ?? null);
  }
  return new Map([
    ['name', action.name],
    ['surfaceId', surface],
    ['sourceComponentId', node.id],
    ['timestamp', timestamp ?? new Date().toISOString()],
    ['context', context],
  ]);
}

// ---------------------------------------------------------------- a whole story

function playStep(processor, step) {
  if ('message' in step) return applyOne(processor, [step.message]);
  try {
    const answer = step.edit
      ? edit(processor, step.edit)
      : { userAction: userAction(processor, step.press) };
    // Written now: what an event holds of the data model would go on changing with it.
    return { ok: true, answer: new Written(write(answer, true)) };
  } catch (error) {
    return { ok: false, error: describe(error) };
  }
}

/** Every screen there is: what can be reached, and what is in front. */
async function screensOf(processor) {
  const screens = [];
  for (const [id, surface] of processor.getSurfaces()) {
    const shown = {};
    for (const [name, reachable] of [['reachable', true], ['front', false]]) {
      const screen = new Screen(processor, id, reachable);
      await screen.children([surface.componentTree]);
      shown[name] = screen.shown;
    }
    screens.push([id, shown]);
  }
  return new Map(screens);
}

// ---------------------------------------------------------------- many acts at once

/** One surface: its state, what can be reached on screen, what pressing each Button would send. */
async function look(processor, id, [, state]) {
  const tree = processor.surfaces.get(id).componentTree;
  const screen = new Screen(processor, id, true);
  if (state.ready && tree) await screen.children([tree]);
  const buttons = nodesIn(tree ?? null).filter(node => node.type === 'Button');
  const presses = buttons.map(node => actionOf(processor, id, node, ''));
  return [id, { state: new Written(write(state, false)), shown: screen.shown, presses }];
}

/** What a session is asked to do, by name; `data` and `look` change nothing. */
const ACTS = {
  batch: (processor, messages) => applyOne(processor, messages),
  edit: (processor, where) => ({ ok: true, answer: edit(processor, where) }),
  press: (processor, where) => ({ ok: true, answer: { userAction: userAction(processor, where) } }),
  data: processor => ({
    ok: true,
    answer: new Map(Array.from(processor.surfaces, ([id, { dataModel }]) => [id, dataModel])),
  }),
  look: async processor => {
    const surfaces = surfacesOf(processor).map(entry => look(processor, entry[0], entry));
    return { ok: true, answer: new Map(await Promise.all(surfaces)) };
  },
};

async function act(processor, [name, argument]) {
  try {
    return await ACTS[name](processor, argument);
  } catch (error) {
    return { ok: false, error: describe(error) };
  }
}

// ---------------------------------------------------------------- requests

const COMMANDS = {
  ping: () => ({ node: process.version }),
  reset: ({ session }) => {
    sessions.set(session, newProcessor());
    return {};
  },
  drop: ({ session }) => {
    sessions.delete(session);
    return {};
  },
  apply: request => {
    const processor = sessionOf(request);
    const answer = applyOne(processor, [request.message]);
    return request.state ? { ...answer, state: stateOf(processor, request.plain) } : answer;
  },
  /** Each message on its own; `state` is "none", "last" or "each". */
  applyMany: request => {
    const processor = sessionOf(request);
    const results = request.messages.map(message => {
      const answer = applyOne(processor, [message]);
      if (request.state === 'each') answer.state = stateOf(processor, request.plain);
      return answer;
    });
    return request.state === 'last'
      ? { results, state: stateOf(processor, request.plain) }
      : { results };
  },
  /** All messages in one call of the processor, as a host that buffers would. */
  applyBatch: request => applyOne(sessionOf(request), request.messages),
  state: request => ({ state: stateOf(sessionOf(request), request.plain, request.surface) }),
  getData: request => {
    const { surface, component, index, path } = request;
    const processor = sessionOf(request);
    const node = findNode(processor, surface, component, index);
    const value = processor.getData(node, path, surface);
    return { value: new Written(write(value, request.plain)) };
  },
  setData: request => {
    const { surface, component, index, path, value } = request;
    const processor = sessionOf(request);
    processor.setData(findNode(processor, surface, component, index), path, value, surface);
    return {};
  },
  markdown: ({ text }) => markdown(text),
  visible: async request => {
    const processor = sessionOf(request);
    const screen = new Screen(processor, request.surface, request.reachable ?? true);
    await screen.children([processor.getSurfaces().get(request.surface)?.componentTree]);
    return { shown: screen.shown };
  },
  /** One client from its first message to its last look: `steps` are messages and a user's hands. */
  play: async request => {
    const processor = newProcessor();
    const results = request.steps.map(step => {
      const answer = playStep(processor, step);
      return { ...answer, state: stateOf(processor, false) };
    });
    return { results, screens: request.screens ? await screensOf(processor) : {} };
  },
  /** Acts `[name, argument]` of one session, in order; what fails does not stop the others. */
  perform: async request => {
    const processor = sessionOf(request);
    const results = [];
    for (const one of request.acts) {
      const result = await act(processor, one);
      results.push(new Written(write(result, true)));  // as it is now: later acts change the maps
    }
    return { results };
  },
  edit: request => edit(sessionOf(request), request),
  action: request => ({ userAction: userAction(sessionOf(request), request) }),
};

async function answer(line) {
  let id = null;
  try {
    const request = JSON.parse(line);
    id = request?.id ?? null;
    const command = Object.hasOwn(COMMANDS, request?.cmd ?? '') ? COMMANDS[request.cmd] : null;
    if (!command) throw new BridgeError(`unknown command ${JSON.stringify(request?.cmd)}`);
    return write({ id, ok: true, ...(await command(request)) }, true);
  } catch (error) {
    const { name, message } = describe(error);
    const told = name === 'BridgeError' ? message : `${name}: ${message}`;
    return write({ id, ok: false, error: { name: 'BridgeError', message: told } }, true);
  }
}

process.on('uncaughtException', error => process.stderr.write(`${error.stack}\n`));
process.on('unhandledRejection', error => process.stderr.write(`${error?.stack ?? error}\n`));

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (line.trim() !== '') process.stdout.write(`${await answer(line)}\n`);
}
