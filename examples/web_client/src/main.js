/**
 * The page: a conversation in this tab, the app's examples as buttons, and the way back.
 *
 * The host stands one folder above the page. `config.json` beside the page says what the app has to
 * show; without a model, its example turns are what a model wrote.
 */

import './styles.js';
import { Conversation } from './conversation.js';
import { Surfaces } from './surfaces.js';
import { CATALOG, registerUpload } from './upload.js';
import { View } from './view.js';

/** The standard catalog, and that of the component that `upload.js` adds. */
const CATALOGS = [
  'https://a2ui.org/specification/v0_8/standard_catalog_definition.json',
  CATALOG,
];

const here = new URL('.', location.href);
const root = new URL('../', here);
const kept = `a2ui:${root.pathname}`;
const view = new View();
const surfaces = new Surfaces(document.getElementById('surfaces'), {
  onUserAction: event => conversation.press(event),
});
let config = {
  title: document.title,
  language: 'en',
  direction: 'ltr',
  playground: false,
  turns: [],
  conversations: [],
};
let conversation;

/** The conversation of this tab, or a new one. */
async function open() {
  const remembered = sessionStorage.getItem(kept);
  const url = remembered
    ? new URL(remembered, root)
    : await Conversation.begin(root, config.language, CATALOGS);
  sessionStorage.setItem(kept, url.pathname);
  view.playground(config.playground ? new URL('playground', url) : null);
  conversation = new Conversation(url, {
    language: config.language,
    surfaces,
    view,
    onGone: async () => {
      await begin();
      view.tell('The conversation was no longer there; this is a new one.');
    },
  });
  conversation.follow();
  view.usable(true);
}

/** Leave this conversation, and begin another. */
async function begin() {
  conversation?.leave();
  view.usable(false);
  sessionStorage.removeItem(kept);
  surfaces.clear();
  await tried(open);
}

/** Do something that needs the host; where that cannot be reached, the user may try again. */
async function tried(work) {
  const working = view.working();
  try {
    await work();
  } catch (error) {
    view.unreachable(() => tried(work));
    reportError(error);
  } finally {
    working.done();
  }
}

async function configure() {
  const answer = await fetch(new URL(`config.json${location.search}`, here), {
    headers: { Accept: 'application/json' },
  });
  if (answer.ok) config = await answer.json();
  document.documentElement.lang = config.language;
  document.documentElement.dir = config.direction;
  view.title(config.title);
  view.examples('turns', config.turns.map(example));
  view.examples('conversations', config.conversations.map(played));
}

const example = ({ label, source }) => ({ label, press: () => conversation.ask(source) });

/** A recorded conversation: the model's turns, one a press; the user does the rest. */
function played({ label, sources }) {
  let next = 0;
  return {
    label,
    press: () => {
      conversation.ask(sources[next]);
      next = (next + 1) % sources.length;
    },
  };
}

function listen() {
  view.on('undo', 'click', () => conversation.back('undo'));
  view.on('redo', 'click', () => conversation.back('redo'));
  view.on('new', 'click', () => {
    view.empty();
    begin();
  });
  view.on('reconnect', 'click', () => conversation.reconnect());
  view.on('theme', 'change', event => choose(event.target.value));
  addEventListener('online', () => conversation?.reconnect());
}

function choose(theme) {
  localStorage.setItem('a2ui-theme', theme);
  view.theme(theme);
}

registerUpload((file, field) => conversation.upload(file, field));
view.theme(localStorage.getItem('a2ui-theme') ?? 'auto');
listen();
await tried(async () => {
  await configure();
  await open();
});
