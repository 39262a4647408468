/**
 * What stands on the screen, read from the real elements in reading order.
 *
 * The roles are those of `bridge.Shown`, so that what a model of the renderer says can be compared
 * with the renderer. Texts of hidden tabs and closed dialogs are read too: they are one press away.
 */

import { plain } from '../../../../examples/web_client/src/surfaces.js';

/** Until every element has rendered, effects and markdown included. */
export async function settled(host) {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise(done => setTimeout(done));
    const elements = [...host.elements.values()].flatMap(surface => [surface, ...inside(surface)]);
    await Promise.all(elements.map(element => element.updateComplete));
  }
  await new Promise(done => requestAnimationFrame(done));
}

/** Every component's element of a surface, in tree order. */
const inside = surface => {
  const root = surface.shadowRoot?.querySelector('a2ui-root');
  return root ? [...root.querySelectorAll('*')].filter(isComponent) : [];
};

const isComponent = element => element.localName.startsWith('a2ui-') && element.component;

export function visible(surface) {
  const shown = [];
  const root = surface?.shadowRoot?.querySelector('a2ui-root');
  for (const element of root?.children ?? []) read(element, shown);
  return shown;
}

export const dataOf = (host, surfaceId) =>
  plain(host.processor.getSurfaces().get(surfaceId)?.dataModel ?? null);

/** A component, then what is in it. */
function read(element, shown) {
  if (!isComponent(element)) return;
  const { type } = element.component;
  const add = (role, text) => shown.push([element.id, role, text]);
  const below = () => [...element.children].forEach(child => read(child, shown));
  const failure = NO_INPUT.has(type) ? null : failed(element);
  if (failure !== null) add('broken', failure);
  else if (type in READ) READ[type](element.shadowRoot, add, element, below);
  else below();
}

const NO_INPUT = new Set('Row Column List Card Tabs Modal Button Divider'.split(' '));

/** What an element shows in place of what it should: a bare text, or nothing at all. */
function failed({ shadowRoot, component }) {
  const part = component.type === 'Text' ? shadowRoot.querySelector('section') : shadowRoot;
  const drawn = part?.querySelector('*:not(style)');
  const bare = [...(part?.childNodes ?? [])].filter(node => node.nodeType === 3);
  const text = bare.map(node => node.data.trim()).join('');
  return drawn && text === '' ? null : text;
}

const READ = {
  Text: (shadow, add, { usageHint }) => {
    const section = shadow.querySelector('section');
    add(usageHint && usageHint !== 'body' ? usageHint : 'text', laidOut(section));
    for (const link of section.querySelectorAll('a[href]')) add('link', link.getAttribute('href'));
    for (const image of section.querySelectorAll('img')) add('image', image.getAttribute('src'));
  },
  Image: (shadow, add) => add('image', shadow.querySelector('img').getAttribute('src')),
  Video: (shadow, add) => add('video', shadow.querySelector('video').getAttribute('src')),
  AudioPlayer: (shadow, add) => add('audio', shadow.querySelector('audio').getAttribute('src')),
  Icon: (shadow, add) => add('icon', shadow.querySelector('.g-icon').textContent),
  Divider: (_shadow, add) => add('divider', ''),
  Button: (_shadow, add, element) => {
    const inner = [];
    for (const child of element.children) read(child, inner);
    const texts = inner.filter(([, role]) => /^(text|caption|h[1-5])$/.test(role));
    add('button', texts.map(([, , text]) => text).join('\n'));
  },
  Tabs: (shadow, add, _element, below) => {
    for (const tab of shadow.querySelectorAll('#buttons > button')) add('tab', tab.textContent.trim());
    below();
  },
  TextField: labelled(input => input.value),
  CheckBox: labelled(input => String(input.checked)),
  DateTimeInput: labelled(input => input.value),
  FileUpload: (shadow, add) => {
    add('label', shadow.querySelector('label').textContent);
    add('value', shadow.querySelector('output').textContent);
  },
  Slider: (shadow, add) => {
    add('value', shadow.querySelector('span').textContent.trim());
    add('thumb', shadow.querySelector('input').value);
  },
  MultipleChoice: (shadow, add) => {
    add('header', shadow.querySelector('.header-text').textContent);
    const options = [...shadow.querySelectorAll('.option-item')];
    const label = option => option.lastElementChild.textContent;
    for (const option of options) add('option', label(option));
    for (const option of options.filter(item => item.classList.contains('selected'))) {
      add('selected', label(option));
    }
  },
};

function labelled(valueOf) {
  return (shadow, add) => {
    const label = shadow.querySelector('label')?.textContent;
    if (label) add('label', label);
    add('value', valueOf(shadow.querySelector('input')));
  };
}

/** A text as it is laid out, also out of sight; no-break spaces, which stay, as spaces. */
function laidOut(section) {
  const sheet = document.body.appendChild(document.createElement('div'));
  sheet.append(...[...section.childNodes].map(node => node.cloneNode(true)));
  const text = sheet.innerText;
  sheet.remove();
  return text.replace(/[ \t\n]+$/, '').replaceAll('\u00a0', ' ');
}
