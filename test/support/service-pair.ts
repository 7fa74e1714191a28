import { globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CallInput, CallName, CallResult, ConnectionSnapshot, MapSpec, MirrorOptions } from '../../src-main/api/index.ts';
import { toReplicationError } from '../../src-main/base/index.ts';
import { LocalService, type LocalServiceOptions } from '../../src-main/cli/local-service.ts';
import type { ControlSession } from '../../src-main/control/index.ts';
import { LinkProxy } from './link-proxy.ts';

const RETRY_MS = 20_000;
const LOG_LINES = 20;
const PASSWORD = 'correct horse battery';

export type Side = 'source' | 'target';

type ServiceOptions = Pick<LocalServiceOptions, 'launcher' | 'environment' | 'address'> & {
  /** A folder of its own for the service, elsewhere than below the pair's. */
  readonly own?: string;
};
type PairOptions = ServiceOptions & Partial<Readonly<Record<Side, ServiceOptions>>>;

/** Two real service processes with a data link between them that can be cut. Made once for many tests; closed by who made it. */
export class ServicePair {
  /** Everything of this pair, also the trees of its tests. A real path: replicas are not followed through links. */
  readonly folder: string;
  readonly services: Readonly<Record<Side, LocalService>>;
  readonly proxy: LinkProxy;
  /** Of the administrator `admin` on both. */
  readonly password = PASSWORD;
  readonly #sessions = new Map<Side, ControlSession>();

  private constructor(folder: string, services: Record<Side, LocalService>, proxy: LinkProxy) {
    this.folder = folder;
    this.services = services;
    this.proxy = proxy;
  }

  /** What is said for one side goes before what is said for both. An environment is read anew at each start of its service. */
  static async start({ source: first, target: second, ...both }: PairOptions = {}): Promise<ServicePair> {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'understudy-pair-'));
    const program = resolve(import.meta.dirname, '../../dist/main/understudy.js');
    const init = async (name: string, { own = join(folder, name), ...options }: ServiceOptions) => {
      mkdirSync(own, { recursive: true });
      const service = await LocalService.init({ program, name, folder: own, password: PASSWORD, ...options });
      await service.start();
      return service;
    };
    const [source, target] = await Promise.all([init('alpha', { ...both, ...first }), init('beta', { ...both, ...second })]);
    const proxy = await LinkProxy.open(() => target.data.port);
    return new ServicePair(folder, { source, target }, proxy);
  }

  /** A call as the administrator. While a service is being restarted it is tried again. */
  async call<K extends CallName>(side: Side, name: K, input: CallInput<K>): Promise<CallResult<K>> {
    const giveUpAtMs = Date.now() + RETRY_MS;
    for (;;) {
      try {
        return await (await this.#session(side)).call(name, input);
      } catch (error) {
        const { code } = toReplicationError(error);
        if (!['link-lost', 'unreachable', 'timeout'].includes(code) || Date.now() > giveUpAtMs) throw error;
        this.#drop(side);
        await new Promise((done) => setTimeout(done, 50));
      }
    }
  }

  /** A call that may fail in any way, because its service dies or the state does not allow it; tried once. */
  async tryCall<K extends CallName>(side: Side, name: K, input: CallInput<K>): Promise<CallResult<K> | null> {
    try {
      return await (await this.#session(side)).call(name, input);
    } catch {
      this.#drop(side);
      return null;
    }
  }

  /** Connects a saved set to the target, with the data link through the proxy, or straight to the target at `host`. */
  async connect(setName: string, map: MapSpec, mirror: MirrorOptions | null, host?: string): Promise<ConnectionSnapshot> {
    const { fingerprint } = this.services.target;
    const offer = await this.call('source', 'connection.prepare', { setName, map, targetFingerprint: fingerprint });
    const admitted = await this.call('target', 'replica.admit', { offer });
    const admission = host === undefined ? { ...admitted, dataPort: this.proxy.port } : admitted;
    try {
      return await this.call('source', 'connection.create', { offer, admission, targetHost: host ?? '127.0.0.1', mirror });
    } catch (error) {
      // As a console or script does.
      await this.call('target', 'replica.release', { connectionId: offer.connectionId });
      throw error;
    }
  }

  /** The end of what both services wrote to their logs, and how they ended, to be read with a failure. */
  logs(): string {
    return (['source', 'target'] as const)
      .map((side) => {
        const lines = globSync(`${this.services[side].dataDir}/logs/*`)
          .sort()
          .flatMap((file) => readFileSync(file, 'utf8').split('\n'));
        const end = this.services[side].lastEnd;
        return `the ${side}’s log:\n${lines.slice(-LOG_LINES).join('\n')}${end === null ? '' : `\nits last process ${end}`}`;
      })
      .join('\n');
  }

  async kill(side: Side): Promise<void> {
    await this.services[side].kill();
    this.#drop(side);
  }

  async stop(side: Side): Promise<void> {
    this.#drop(side);
    try {
      await this.services[side].stop();
    } catch (error) {
      // Its log tells what the stop waited for.
      throw new Error(`${String(error)}\n${this.logs()}`, { cause: error });
    }
  }

  async start(side: Side): Promise<void> {
    if (!this.services[side].isRunning) await this.services[side].start();
  }

  /** The line is whole and both run. */
  async undisturbed(): Promise<void> {
    this.proxy.restore();
    await Promise.all([this.start('source'), this.start('target')]);
  }

  async close(): Promise<void> {
    for (const side of ['source', 'target'] as const) {
      this.#drop(side);
      await this.services[side].stop();
    }
    await this.proxy.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #session(side: Side): Promise<ControlSession> {
    let session = this.#sessions.get(side);
    if (session === undefined) {
      session = await this.services[side].session();
      this.#sessions.set(side, session);
    }
    return session;
  }

  #drop(side: Side): void {
    this.#sessions.get(side)?.close();
    this.#sessions.delete(side);
  }
}
