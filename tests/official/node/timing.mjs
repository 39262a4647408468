/**
 * How long the official client takes over streams: one JSON request on stdin, one answer on stdout.
 *
 * Request: `{"rounds", "first": [message…], "turns": {name: [message…]}}`. In every round each turn
 * is applied by a client of its own that has just taken `first`, the turns by rotation, so that
 * a busy machine slows all alike; a round before the first is not counted. Each message is a call of
 * its own, as a host makes it that receives one message an event.
 *
 * Answer: `{"first": [ms…], "turns": {name: {"ms": [ms…], "state": {surface: …}}}}`, where `state` is
 * what every surface holds in the end: root, data model and resolved tree. A message that the client
 * refuses ends the run.
 */

import { A2uiMessageProcessor } from '@a2ui/web_core/data/model-processor';

for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace']) console[level] = () => {};

const fresh = () =>
  new A2uiMessageProcessor({ mapCtor: Map, arrayCtor: Array, setCtor: Set, objCtor: Object });

/** Milliseconds that a client takes over messages, one a call. */
function take(processor, messages) {
  const start = performance.now();
  for (const message of messages) processor.processMessages([message]);
  return performance.now() - start;
}

/** JSON of whatever the client holds; a Map is a list of pairs, as its order counts. */
const plain = (_key, value) => (value instanceof Map ? { $map: [...value] } : value);

function stateOf(processor) {
  const held = {};
  for (const [id, { rootComponentId, dataModel, componentTree }] of processor.surfaces) {
    held[id] = { root: rootComponentId, data: dataModel, tree: componentTree };
  }
  return held;
}

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const { rounds, first, turns } = await read(process.stdin);
const names = Object.keys(turns);
const answer = { first: [], turns: {} };
for (const name of names) answer.turns[name] = { ms: [], state: null };

for (let round = -1; round < rounds; round += 1) {
  for (let i = 0; i < names.length; i += 1) {
    const name = names[(i + round + 1) % names.length];
    const processor = fresh();
    globalThis.gc?.();
    const begun = take(processor, first);
    globalThis.gc?.();
    const taken = take(processor, turns[name]);
    if (round < 0) {
      answer.turns[name].state = stateOf(processor);
    } else {
      answer.first.push(begun);
      answer.turns[name].ms.push(taken);
    }
  }
}
process.stdout.write(JSON.stringify(answer, plain));
