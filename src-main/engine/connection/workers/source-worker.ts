import { parentPort, workerData } from 'node:worker_threads';
import { assertNever, invariant } from '../../../base/index.ts';
import { createBlockHasher } from '../../fs/index.ts';
import { LineMeter } from '../../transmit/index.ts';
import type { FromCapture, FromSource, SourceWorkerData, ToSource } from '../source/source-protocol.ts';
import { SourceSession } from '../source/source-session.ts';

/** How often the main thread hears of the state, and how often it is looked at when so many looks found nothing new. */
const STATE_MS = 200;
const QUIET_STATE_MS = 500;
const QUIET_LOOKS = 10;

invariant(parentPort !== null, 'the source worker runs as a worker');
const main = parentPort;
const data = workerData as SourceWorkerData;
const post = (message: FromSource) => {
  main.postMessage(message);
  // Whoever hears of it looks at the state, and is to see what it is about.
  if (message.kind === 'event') setImmediate(postState);
};

const session = new SourceSession({ ...data, meter: new LineMeter(data.lineMemory), hasher: await createBlockHasher(), post });
listen(data.capturePort);

let lastState = '';
let commandsDone = 0;
let quietLooks = 0;
let timer = setTimeout(look, STATE_MS);
function look(): void {
  postState();
  timer = setTimeout(look, quietLooks < QUIET_LOOKS ? STATE_MS : QUIET_STATE_MS);
}

function postState(): void {
  const state = session.state();
  const text = JSON.stringify(state) + String(commandsDone);
  quietLooks = text === lastState ? quietLooks + 1 : 0;
  if (quietLooks > 0) return;
  lastState = text;
  post({ kind: 'state', state, commandsDone });
}

main.on('message', (message: ToSource) => {
  switch (message.kind) {
    case 'command':
      try {
        session.command(message.command);
      } catch (error) {
        // The main thread checked what it could; between its look and now the state moved on.
        post({ kind: 'event', severity: 'warning', text: `The order '${message.command.kind}' came too late: ${String(error)}` });
      }
      commandsDone++;
      postState();
      break;
    case 'calculated':
      session.calculated(message);
      break;
    case 'capture':
      listen(message.port);
      break;
    case 'gate':
      session.setGate(message.isOpen);
      break;
    case 'freeze-answer':
    case 'common-cut':
      session.aboutCut(message);
      break;
    case 'disconnect':
      session.disconnect();
      break;
    case 'stop':
      session.stop();
      break;
    default:
      assertNever(message);
  }
});

await session.run();
clearTimeout(timer);
postState();
post(session.isReleased ? { kind: 'disconnected', isConfirmed: true } : { kind: 'stopped' });
// Whatever else still holds this thread is of no use now.
process.exit();

function listen(port: SourceWorkerData['capturePort']): void {
  port.on('message', (message: FromCapture) => session.fromCapture(message));
}
