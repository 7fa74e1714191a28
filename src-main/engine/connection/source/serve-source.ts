import { assertNever } from '../../../base/index.ts';
import type { BlockHasher } from '../../fs/index.ts';
import { LineMeter } from '../../transmit/index.ts';
import type { FromCapture, FromSource, SourceWorkerData, ToSource } from './source-protocol.ts';
import type { Scouts } from './scout.ts';
import { SourceSession } from './source-session.ts';

/** How often the main thread hears of the state, and how often when so many looks found nothing new. */
const STATE_MS = 200;
const QUIET_STATE_MS = 500;
const QUIET_LOOKS = 3;
/** So many of those are left out while the session does nothing: only what time alone changes comes later. */
const MOST_LEFT_OUT = 9;

/** What all connections of a thread use together. */
export interface ThreadTools {
  readonly hasher: BlockHasher;
  readonly scouts: Scouts;
}

/** Serves one connection, until it is stopped or disconnected or a bug ends it; then its port is closed, after `onOver`. Never rejects. */
export async function serveSource(data: SourceWorkerData, tools: ThreadTools, onOver: () => void): Promise<void> {
  const { port } = data;
  const captures = [data.capturePort];
  try {
    await new ServedSource(data, tools, captures).run();
  } catch (error) {
    port.postMessage(broke(error));
  }
  for (const capture of captures) capture.close();
  onOver();
  port.close();
}

function broke(error: unknown): FromSource {
  return { kind: 'broke', error: error instanceof Error ? error : new Error(String(error)) };
}

/** A session between its two ports. */
class ServedSource {
  readonly #port: SourceWorkerData['port'];
  readonly #captures: SourceWorkerData['capturePort'][];
  readonly #session: SourceSession;
  /** What went wrong where nobody waits for it. */
  readonly #failure = Promise.withResolvers<never>();
  #lastState = '';
  #commandsDone = 0;
  #quietLooks = 0;
  #leftOut = 0;
  /** Those of the session at the last look. */
  #turns = -1;
  #timer: NodeJS.Timeout | undefined;

  constructor(data: SourceWorkerData, tools: ThreadTools, captures: SourceWorkerData['capturePort'][]) {
    this.#port = data.port;
    this.#captures = captures;
    // Where the session cannot even be made nobody comes to wait for it.
    this.#failure.promise.catch(() => undefined);
    const post = (message: FromSource): void => this.#post(message);
    this.#session = new SourceSession({ ...data, meter: new LineMeter(data.lineMemory), ...tools, post });
    for (const capture of captures) this.#listen(capture);
    data.port.on('message', (message: ToSource) => this.#guarded(() => this.#obey(message)));
  }

  async run(): Promise<void> {
    const session = this.#session;
    this.#timer = setTimeout(() => this.#look(), STATE_MS);
    const over = session.run();
    try {
      await Promise.race([over, this.#failure.promise]);
      this.#postState();
      this.#post(session.isReleased ? { kind: 'disconnected', isConfirmed: true } : { kind: 'stopped' });
    } catch (error) {
      this.#post(broke(error));
      session.stop();
      await over.catch(() => undefined); // it was told, or is another of the same
    } finally {
      clearTimeout(this.#timer);
    }
  }

  #post(message: FromSource): void {
    this.#port.postMessage(message);
    // Whoever hears of it looks at the state, and is to see what it is about.
    if (message.kind === 'event') setImmediate(() => this.#guarded(() => this.#postState()));
  }

  #look(): void {
    const isQuiet = this.#quietLooks >= QUIET_LOOKS;
    if (isQuiet && this.#session.turns === this.#turns && this.#leftOut < MOST_LEFT_OUT) this.#leftOut++;
    else {
      this.#leftOut = 0;
      this.#turns = this.#session.turns;
      this.#guarded(() => this.#postState());
    }
    this.#timer = setTimeout(() => this.#look(), isQuiet ? QUIET_STATE_MS : STATE_MS);
  }

  #postState(): void {
    const state = this.#session.state();
    const text = JSON.stringify(state) + String(this.#commandsDone);
    this.#quietLooks = text === this.#lastState ? this.#quietLooks + 1 : 0;
    if (this.#quietLooks > 0) return;
    this.#lastState = text;
    this.#post({ kind: 'state', state, commandsDone: this.#commandsDone });
  }

  #obey(message: ToSource): void {
    const session = this.#session;
    switch (message.kind) {
      case 'command':
        try {
          session.command(message.command);
        } catch (error) {
          // The main thread checked what it could; between its look and now the state moved on.
          const text = `The order '${message.command.kind}' came too late: ${String(error)}`;
          this.#post({ kind: 'event', severity: 'warning', text });
        }
        this.#commandsDone++;
        this.#postState();
        break;
      case 'calculated':
        session.calculated(message);
        break;
      case 'capture':
        this.#captures.push(message.port);
        this.#listen(message.port);
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
  }

  #listen(capture: SourceWorkerData['capturePort']): void {
    capture.on('message', (message: FromCapture) => this.#guarded(() => this.#session.fromCapture(message)));
  }

  /** An error that nobody waits for ends this connection, and not the others in its thread. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failure.reject(error);
    }
  }
}
