import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { TurnStream } from '../src/turn_stream.js';

globalThis.reportError = error => reported.push(error.message);

const reported = [];
const TURNS = [
  { seq: 1, text: 'event: a2ui\ndata: {"n":1}\n\nevent: text\ndata: {"text":"one"}\nid: 1\n\n' },
  { seq: 2, text: 'event: a2ui\ndata: {"n":2}\n\nevent: a2ui\ndata: {"n":3}\nid: 2\n\n' },
];
const WHOLE = [
  ['1', [{ n: 1 }, { text: 'one' }]],
  ['2', [{ n: 2 }, { n: 3 }]],
];

let server;
let answer;
let asked;

before(async () => {
  server = createServer((request, response) => {
    asked.push(request.headers['last-event-id'] ?? null);
    answer(request, response, asked.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

after(() => {
  server.closeAllConnections();
  server.close();
});

/** What a client has taken when it has seen the last turn, or was told that there is nothing. */
async function follow(how) {
  answer = how;
  asked = [];
  const turns = [];
  const states = [];
  const url = `http://127.0.0.1:${server.address().port}/stream`;
  const stream = new TurnStream(url, {
    onTurn: (events, id) => {
      turns.push([id, events.map(({ data }) => data)]);
      if (id === '2') stream.stop();
    },
    onState: state => states.push(state),
    onGone: status => states.push(status),
  });
  await stream.run();
  return { turns, states, asked };
}

const head = response => response.writeHead(200, { 'Content-Type': 'text/event-stream' });
const missed = seen => TURNS.filter(({ seq }) => seq > Number(seen ?? 0)).map(({ text }) => text);

test('a cut at any character leaves no half turn, and no turn comes twice', async () => {
  const all = TURNS.map(({ text }) => text).join('');
  for (let at = 0; at < all.length; at += 1) {
    const { turns } = await follow((request, response, attempt) => {
      head(response).write('retry: 1\n\n');
      const rest = missed(request.headers['last-event-id']).join('');
      if (attempt > 1) response.end(rest);
      else response.write(rest.slice(0, at), () => response.destroy());
    });
    assert.deepEqual(turns, WHOLE, `cut at ${at}`);
  }
});

test('coming back names the last whole turn, and nothing else does', async () => {
  const { asked: seen } = await follow((request, response, attempt) => {
    head(response).write('retry: 1\n\n');
    if (attempt === 1) response.end(TURNS[0].text + 'event: a2ui\ndata: {"n":2}\n\n');
    else response.end(TURNS[1].text);
  });
  assert.deepEqual(seen, [null, '1']);
});

test('an answer that is no stream is asked for again', async () => {
  const { turns, states } = await follow((request, response, attempt) => {
    if (attempt === 1) response.writeHead(503).end();
    else if (attempt === 2) response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>');
    else head(response).end(TURNS.map(({ text }) => text).join(''));
  });
  assert.deepEqual(turns, WHOLE);
  assert.deepEqual(states.slice(0, 3), ['connecting', 'waiting', 'connecting']);
});

test('a conversation that is gone is not asked for again', async () => {
  const { states, asked: seen } = await follow((request, response) => {
    response.writeHead(404).end();
  });
  assert.deepEqual(states, ['connecting', 404]);
  assert.equal(seen.length, 1);
});

test('a turn that fails on the page is reported, and the next one comes', async () => {
  answer = (request, response) => head(response).end(TURNS.map(({ text }) => text).join(''));
  asked = [];
  const seen = [];
  const stream = new TurnStream(`http://127.0.0.1:${server.address().port}/`, {
    onTurn: (events, id) => {
      seen.push(id);
      if (id === '1') throw new Error('on the page');
      stream.stop();
    },
    onState: () => {},
    onGone: () => {},
  });
  await stream.run();
  assert.deepEqual(seen, ['1', '2']);
  assert.deepEqual(reported, ['on the page']);
});
