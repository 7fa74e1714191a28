import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConnectionSnapshot, MapSpec, MirrorOptions } from '../../../src-main/api/index.ts';
import { ensureBuilt } from '../../../src-main/cli/build-state.ts';
import { FollowedConnection, isQuiet } from '../../../src-main/cli/demo/followed-connection.ts';
import { LocalService } from '../../../src-main/cli/local-service.ts';
import { establishConnection, type ControlSession } from '../../../src-main/control/index.ts';
import { looksComplete, until } from '../measure.ts';
import type { FollowOptions, Job, Tool } from './tool.ts';

/** One service of the pair, with a session to it that is renewed when it starts again. */
export interface Server {
  readonly service: LocalService;
  session: ControlSession;
}

/** Two services of the built program on loopback. The scenarios that only Understudy knows use them directly. */
export interface Understudy extends Tool {
  readonly source: Server;
  readonly target: Server;
  connect(job: Job, mirror: MirrorOptions | null): Promise<FollowedConnection>;
  connectionOf(job: Job): FollowedConnection;
  stopServer(server: Server): Promise<void>;
  startServer(server: Server): Promise<void>;
}

export const never = new AbortController().signal;

export interface UnderstudyOptions {
  /** A program with its arguments that starts the services, such as a profiler. */
  readonly launcher?: readonly string[];
}

export async function understudy(folder: string, options: UnderstudyOptions = {}): Promise<Understudy> {
  const root = resolve(import.meta.dirname, '../../..');
  ensureBuilt(root, (line) => {
    console.error(line);
  });
  const password = randomBytes(18).toString('base64url');
  const start = async (name: string): Promise<Server> => {
    const own = `${folder}/${name}`;
    mkdirSync(own, { recursive: true });
    const program = `${root}/dist/main/understudy.js`;
    const service = await LocalService.init({ program, name, folder: own, password, ...options });
    await service.start();
    return { service, session: await service.session() };
  };
  const source = await start('alpha');
  const target = await start('beta');
  const followed = new Map<string, { connection: FollowedConnection; setName: string }>();
  let sets = 0;

  const connect = async (job: Job, mirror: MirrorOptions | null): Promise<FollowedConnection> => {
    const setName = `bench-${sets++}`;
    await source.session.call('set.create', { name: setName });
    await source.session.call('set.add-rule', { name: setName, rule: { path: job.source, verdict: 'include', recursive: true } });
    await source.session.call('set.save', { name: setName });
    const map: MapSpec = { kind: 'pairs', pairs: [{ from: job.source, to: job.target }] };
    const snapshot = await establishConnection(source.session, target.session, {
      setName,
      map,
      mirror,
      targetHost: '127.0.0.1',
      targetName: 'beta',
    });
    const connection = new FollowedConnection(source.session, snapshot);
    followed.set(job.target, { connection, setName });
    return connection;
  };
  const connectionOf = ({ target: key }: Job): FollowedConnection => {
    const connection = followed.get(key)?.connection;
    if (connection === undefined) throw new Error('connected first');
    return connection;
  };
  const forget = async ({ target: key }: Job) => {
    const found = followed.get(key);
    if (found === undefined) return;
    followed.delete(key);
    found.connection.close();
    await source.session.call('connection.disconnect', { connectionId: found.connection.id });
    await source.session.call('set.delete', { name: found.setName });
  };
  const stopServer = async (server: Server) => {
    server.session.close();
    await server.service.stop();
  };
  const startServer = async (server: Server) => {
    await server.service.start();
    server.session = await server.service.session();
  };

  return {
    name: 'understudy',
    version: source.session.peer.version,
    note: 'TLS 1.3 both ways',
    durability: 'what is acknowledged is flushed, data before names, and survives kill -9 and a power cut',
    keepsFolderTimes: true,
    isSlow: false,
    source,
    target,
    connect,
    connectionOf,
    stopServer,
    startServer,
    mirror: async (job) => {
      const startMs = Date.now();
      const equal = until('the mirror', () => looksComplete(job.source, job.target, job.last), 10).then(
        () => Date.now() - startMs,
      );
      const connection = await connect(job, { kind: 'all' });
      await connection.until('the mirror', isQuiet, never);
      return { equalMs: await equal, durableMs: completedAt(connection.snapshot) - startMs };
    },
    again: async (job, checksum) => {
      const connection = connectionOf(job);
      const before = completedAt(connection.snapshot);
      const startMs = Date.now();
      await source.session.call('mirror.start', {
        connectionId: connection.id,
        options: { kind: checksum ? 'checksum' : 'different' },
      });
      await connection.until('the mirror', (now) => isQuiet(now) && completedAt(now) !== before, never);
      const ms = completedAt(connection.snapshot) - startMs;
      return { equalMs: ms, durableMs: ms };
    },
    follow: async (job, { ranges = false }: FollowOptions = {}) => {
      const connection = await connect(job, { kind: 'all' });
      await connection.until('the mirror', isQuiet, never);
      if (ranges) {
        await source.session.call('connection.configure', {
          connectionId: connection.id,
          settings: { capture: { ranges: true } },
        });
        await connection.until('the capture', (now) => isQuiet(now) && now.capture.method.includes('ranges'), never, {
          stallMs: 20_000,
        });
      }
      return {
        wireBytes: async () =>
          (await source.session.call('connection.get', { connectionId: connection.id })).statistics.wireBytes,
        stop: () => forget(job),
      };
    },
    forget,
    close: async () => {
      for (const { service, session } of [source, target]) {
        session.close();
        await service.stop();
      }
    },
  };
}

/** When the last mirror was complete, which is when the target had acknowledged all of it; ms since 1970, 0 for never. */
export function completedAt({ mirror }: ConnectionSnapshot): number {
  return mirror.kind === 'idle' && mirror.lastCompletedAt !== null ? Date.parse(mirror.lastCompletedAt) : 0;
}
