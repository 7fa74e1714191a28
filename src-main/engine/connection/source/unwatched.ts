import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { FromCapture } from './source-protocol.ts';

/** For a connection that only mirrors: nothing is watched, and nothing will be told. */
export function unwatched(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage({ kind: 'started', method: 'none', why: 'it only mirrors' } satisfies FromCapture);
  port1.unref();
  return port2;
}
