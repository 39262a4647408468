import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { newKey, post, Refused } from '../src/requests.js';

let server;
let answers;
let seen;

before(async () => {
  server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    seen.push([request.headers['idempotency-key'], Buffer.concat(parts).toString()]);
    const next = answers.shift();
    if (next === 'cut') request.socket.destroy();
    else response.writeHead(next.status, { 'Content-Type': 'application/json' }).end(next.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

after(() => {
  server.closeAllConnections();
  server.close();
});

function send(...given) {
  answers = given;
  seen = [];
  const url = new URL(`http://127.0.0.1:${server.address().port}/events`);
  return post(url, { n: 1 }, { key: 'k', language: 'en' });
}

test('a post is sent again under its key until it is answered', async () => {
  const answer = await send('cut', { status: 503, body: '' }, { status: 200, body: '{"seq":4}' });
  assert.deepEqual(answer, { seq: 4 });
  assert.deepEqual(seen, Array(3).fill(['k', '{"n":1}']));
});

test('a refusal is told, and not asked for again', async () => {
  await assert.rejects(send({ status: 409, body: '{"text":"Too late."}' }), error => {
    assert.ok(error instanceof Refused);
    assert.deepEqual([error.status, error.body], [409, { text: 'Too late.' }]);
    return true;
  });
  assert.equal(seen.length, 1);
});

test('a refusal that is no JSON is one all the same', async () => {
  await assert.rejects(send({ status: 413, body: '<html>' }), { status: 413, body: null });
});

test('keys are not used twice', () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newKey)).size, 1000);
});
