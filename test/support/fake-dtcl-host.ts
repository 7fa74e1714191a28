import type { ConnectionSnapshot, RestoreSnapshot, ServiceCaller } from '../../src-main/api/index.ts';
import { ReplicationError } from '../../src-main/base/index.ts';
import {
  DtclSession,
  parse,
  runScript,
  type AccessLevel,
  type CommandReport,
  type ConnectRequest,
  type DtclHost,
  type NewFile,
  type RestoreRequest,
  type RunResult,
} from '../../src-main/dtcl/index.ts';
import { FakeService } from './fake-calls.ts';
import { fakeRestore } from './fake-restore.ts';

/** Two servers, alpha and beta, whose administrator's password is `right`; a clock that only moves when a script waits. */
export class FakeDtclHost implements DtclHost {
  readonly version = '0.1.0';
  readonly services = { alpha: new FakeService('alpha'), beta: new FakeService('beta') };
  readonly loggedIn = new Set<string>();
  readonly stored = new Set<string>();
  answerToPassword: string | null = null;
  nowMs = new Date(2026, 10, 22, 12, 0, 0).getTime();
  readonly clock = {
    now: () => new Date(this.nowMs),
    sleep: async (ms: number, signal: AbortSignal) => {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      this.nowMs += ms;
    },
  };

  /** A connection of the set accounts. */
  addAccounts(map: string, targetName = 'beta'): ConnectionSnapshot {
    return this.services.alpha.addConnection({ setName: 'accounts', targetName, map: { kind: 'base', base: map } });
  }

  serverNames() {
    return Object.keys(this.services);
  }

  resolve(server: string): 'alpha' | 'beta' {
    const name = server.toLowerCase();
    if (name === 'alpha' || name === 'beta') return name;
    throw new ReplicationError('unknown-server', { server });
  }

  fingerprintOf(server: string) {
    return `print-of-${this.resolve(server)}`;
  }

  login(server: string, credentials: { user: string; password: string } | 'stored'): Promise<AccessLevel> {
    const name = this.resolve(server);
    if (credentials === 'stored' ? !this.stored.has(name) : false) {
      return Promise.reject(new ReplicationError('no-stored-login', { server }));
    }
    if (credentials !== 'stored' && credentials.password !== 'right') return Promise.resolve(0);
    this.loggedIn.add(name);
    return Promise.resolve(credentials !== 'stored' && credentials.user === 'watcher' ? 1 : 2);
  }

  logout(server: string) {
    this.loggedIn.delete(this.resolve(server));
    return Promise.resolve();
  }

  calls(server: string): ServiceCaller {
    const name = this.resolve(server);
    if (!this.loggedIn.has(name)) throw new ReplicationError('not-logged-in', { server });
    return this.services[name];
  }

  readonly files = new Map<string, string>();

  createFile(path: string): Promise<NewFile> {
    if (this.files.has(path)) return Promise.reject(new ReplicationError('already-exists', { path }));
    this.files.set(path, '');
    return Promise.resolve({
      write: (bytes) =>
        Promise.resolve(void this.files.set(path, (this.files.get(path) ?? '') + Buffer.from(bytes).toString('latin1'))),
      finish: () => Promise.resolve(),
      drop: () => Promise.resolve(void this.files.delete(path)),
    });
  }

  ping(server: string) {
    return Promise.resolve({ name: this.resolve(server), version: '0.1.0' });
  }

  /** What was to be restored. */
  readonly restored: RestoreRequest[] = [];

  restore(request: RestoreRequest): Promise<RestoreSnapshot> {
    this.calls(request.holder);
    this.calls(request.receiver);
    this.restored.push(request);
    const restore = fakeRestore(request);
    this.services[this.resolve(request.holder)].restores.push(restore);
    return Promise.resolve(restore);
  }

  async connect({ source, target, setName, map, mirror }: ConnectRequest): Promise<ConnectionSnapshot> {
    const service = this.services[this.resolve(source)];
    this.calls(source);
    this.calls(target);
    await service.call('set.get', { name: setName });
    if (service.connections.some((c) => c.setName === setName && JSON.stringify(c.map) === JSON.stringify(map))) {
      throw new ReplicationError('connection-exists', { set: setName, target });
    }
    service.calls.push(`connect ${mirror?.kind ?? 'nomirror'}`);
    return service.addConnection({ setName, targetName: this.resolve(target), map, mirror });
  }

  askPassword() {
    return Promise.resolve(this.answerToPassword);
  }
}

export interface Ran extends RunResult {
  readonly lines: readonly string[];
  readonly reports: readonly CommandReport[];
  /** Command names with their results, in the order in which they ran. */
  readonly results: readonly (readonly [string, number])[];
}

/** Runs a script that must parse on a host. */
export async function runOn(
  host: FakeDtclHost,
  text: string,
  { stopsAtFailure = false, signal = new AbortController().signal, session = new DtclSession(host) } = {},
): Promise<Ran> {
  const { script, problems } = parse(text);
  if (problems.length > 0) throw new Error(problems.map((p) => `${p.at.line}:${p.at.column} ${p.text}`).join('\n'));
  const lines: string[] = [];
  const reports: CommandReport[] = [];
  const options = {
    stopsAtFailure,
    print: (line: string) => void lines.push(line),
    report: (r: CommandReport) => void reports.push(r),
  };
  const result = await runScript(script, session, options, signal);
  return { ...result, lines, reports, results: reports.map((report) => [report.command, report.result] as const) };
}

/** Logs in on both servers, with alpha as the source. */
export const loggedIn = 'login alpha admin right; login beta admin right; source alpha;';

/** The results of the commands after those of `loggedIn`. */
export async function resultsOf(host: FakeDtclHost, text: string) {
  return (await runOn(host, loggedIn + text)).results.slice(3);
}
