/**
 * The page as tests use it: a host whose events wait in a list, and what a person sees of it.
 *
 * `document.a2ui` is all that a test calls; everything else it does with mouse and keys.
 */

import { Surfaces } from '../../../../examples/web_client/src/surfaces.js';
import { registerUpload } from '../../../../examples/web_client/src/upload.js';
import { dataOf, settled, visible } from './screen.js';

registerUpload(async file => `upload:${file.name.replace(/\.[^.]*$/, '')}`);

const heard = [];
let clock = null;
const host = new Surfaces(document.querySelector('#surfaces'), {
  onUserAction: event => heard.push(event),
  now: () => clock ?? new Date().toISOString(),
});

document.a2ui = {
  take: async messages => {
    const refused = host.take(messages);
    await settled(host);
    return refused;
  },
  /** The next press happens at that time. */
  at: time => {
    clock = time;
  },
  /** What was heard since it was asked last. */
  heard: () => heard.splice(0),
  settled: () => settled(host),
  surfaces: () => [...host.elements.keys()],
  visible: surfaceId => visible(host.elements.get(surfaceId)),
  data: surfaceId => dataOf(host, surfaceId),
};
