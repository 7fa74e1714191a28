import { parentPort } from 'node:worker_threads';
import { assertNever, invariant } from '../../../base/index.ts';
import { createBlockHasher } from '../../fs/index.ts';
import { ScoutThread } from '../source/scout.ts';
import type { ToSourceThread } from '../source/source-protocol.ts';
import { serveSource } from '../source/serve-source.ts';

invariant(parentPort !== null, 'the source worker runs as a worker');
const scouts = new ScoutThread();
process.once('exit', () => scouts.stop());
const shared = { hasher: await createBlockHasher(), scouts };
let served = 0;

parentPort.on('message', (message: ToSourceThread) => {
  switch (message.kind) {
    case 'open':
      served++;
      // With the last port the process may end, before this thread could say anything else.
      void serveSource(message.data, shared, () => {
        if (--served === 0) scouts.stop();
      });
      break;
    case 'end':
      // Whatever else still holds this thread is of no use now.
      process.exit();
      break;
    default:
      assertNever(message);
  }
});
