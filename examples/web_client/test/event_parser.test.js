import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventParser } from '../src/event_parser.js';

const STREAM =
  'retry: 300\r\n\r\n: still here\n\nevent: a2ui\ndata: {"a":\ndata: 1}\n\n' +
  'event: text\r\ndata: שלום\r\nid: 7\r\n\r\ndata:no space\rid\r\r';
const EVENTS = [
  { name: 'a2ui', data: '{"a":\n1}', id: null },
  { name: 'text', data: 'שלום', id: '7' },
  { name: 'message', data: 'no space', id: '' },
];

function read(pieces) {
  const events = [];
  const retries = [];
  const parser = new EventParser({
    onEvent: event => events.push(event),
    onRetry: ms => retries.push(ms),
  });
  for (const piece of pieces) parser.push(piece);
  return { events, retries };
}

test('a stream is the same however it is cut into two', () => {
  for (let at = 0; at <= STREAM.length; at += 1) {
    const found = read([STREAM.slice(0, at), STREAM.slice(at)]);
    assert.deepEqual(found, { events: EVENTS, retries: [300] }, `cut at ${at}`);
  }
});

test('a stream is the same character by character', () => {
  assert.deepEqual(read([...STREAM]).events, EVENTS);
});

test('what no empty line follows is no event', () => {
  assert.deepEqual(read(['event: a2ui\ndata: {}\nid: 1\n']).events, []);
});

test('an id with a null is none, and an unknown field is nothing', () => {
  assert.deepEqual(read(['id: 1\0\ncolour: red\ndata: x\nretry: soon\n\n']).events, [
    { name: 'message', data: 'x', id: null },
  ]);
});
