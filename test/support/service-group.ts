import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CallInput, CallName, CallResult, ConnectionSnapshot, MapSpec, MirrorOptions } from '../../src-main/api/index.ts';
import { rawName } from '../../src-main/base/index.ts';
import { LocalService } from '../../src-main/cli/local-service.ts';
import { establishConnection, type ControlSession } from '../../src-main/control/index.ts';
import { compareTrees } from '../../src-main/engine/verify/index.ts';
import { eventually } from './eventually.ts';

const PASSWORD = 'correct horse battery';

/** Several real service processes on loopback, joined as an administrator of all of them would. Closed by who made it. */
export class ServiceGroup<Name extends string> {
  /** Everything of this group, also the trees of its tests. */
  readonly folder: string;
  readonly services: Readonly<Record<Name, LocalService>>;
  readonly #sessions = new Map<Name, ControlSession>();

  private constructor(folder: string, services: Readonly<Record<Name, LocalService>>) {
    this.folder = folder;
    this.services = services;
  }

  /** `launchers`: programs that start a service in their turn; see `LocalService`. */
  static async start<Name extends string>(
    names: readonly Name[],
    launchers: Partial<Record<Name, readonly string[]>> = {},
  ): Promise<ServiceGroup<Name>> {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'understudy-group-'));
    const program = resolve(import.meta.dirname, '../../dist/main/understudy.js');
    const started = await Promise.all(
      names.map(async (name) => {
        const own = join(folder, name);
        mkdirSync(own);
        const launcher = launchers[name] ?? [];
        const service = await LocalService.init({ program, name, folder: own, password: PASSWORD, launcher });
        await service.start();
        return [name, service] as const;
      }),
    );
    return new ServiceGroup(folder, Object.fromEntries(started) as Record<Name, LocalService>);
  }

  async call<K extends CallName>(name: Name, call: K, input: CallInput<K>): Promise<CallResult<K>> {
    return (await this.session(name)).call(call, input);
  }

  /** Makes and saves a set of whole folders. */
  async makeSet(name: Name, setName: string, folders: readonly string[]): Promise<void> {
    await this.call(name, 'set.create', { name: setName });
    for (const path of folders) {
      await this.call(name, 'set.add-rule', { name: setName, rule: { path, verdict: 'include', recursive: true } });
    }
    await this.call(name, 'set.save', { name: setName });
  }

  /** Connects a saved set; both servers are known under `host`. */
  async connect(
    source: Name,
    target: Name,
    setName: string,
    map: MapSpec,
    { mirror = { kind: 'all' }, host = '127.0.0.1' }: { mirror?: MirrorOptions | null; host?: string } = {},
  ): Promise<ConnectionSnapshot> {
    const options = { setName, map, mirror, targetHost: host };
    return establishConnection(await this.session(source), await this.session(target), options);
  }

  async get(name: Name, connectionId: string): Promise<ConnectionSnapshot> {
    return this.call(name, 'connection.get', { connectionId });
  }

  async becomesEqual(from: string, to: string): Promise<void> {
    await eventually(
      `${to} equals ${from}`,
      async () => {
        const { list } = await compareTrees([{ from: rawName(from), to: rawName(to) }], { bytes: true });
        if (list.length > 0) throw new Error(JSON.stringify(list));
        return true;
      },
      30_000,
    );
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) session.close();
    await Promise.all(Object.values<LocalService>(this.services).map((service) => service.stop()));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async session(name: Name): Promise<ControlSession> {
    const session = this.#sessions.get(name) ?? (await this.services[name].session());
    this.#sessions.set(name, session);
    return session;
  }
}
