import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { inProcessSession, openControlSession, type ControlSession } from '../../src-main/control/index.ts';
import { initDataFolder, startService, type Service, type ServiceOptions } from '../../src-main/service/index.ts';
import { fakeReplicator, type FakeReplicator } from './fake-replicator.ts';
import { tempFolder } from './temp-folder.ts';

export interface TestService {
  readonly service: Service;
  readonly engine: FakeReplicator;
  /** In-process, an administrator. */
  readonly session: ControlSession;
  readonly dataDir: string;
  /** Over TLS, nobody logged in. */
  readonly dial: () => Promise<ControlSession>;
  /** Stops it and starts it again on the same folder. */
  readonly restart: () => Promise<TestService>;
}

export const ADMIN = { user: 'eva', password: 'pass word 1' } as const;

/** A real service with a fake engine in a folder of its own, on free ports of loopback; stopped when the running test ends. */
export async function startTestService({
  prepareEngine,
  ...options
}: Partial<ServiceOptions> & { prepareEngine?: (engine: FakeReplicator) => void } = {}): Promise<TestService> {
  const dataDir = options.dataDir ?? join(tempFolder(), 'data');
  if (options.dataDir === undefined) {
    await initDataFolder({ dataDir, name: options.name ?? 'alpha', admin: { name: ADMIN.user, password: ADMIN.password } });
  }
  let engine: FakeReplicator | undefined;
  const service = await startService({
    control: { host: '127.0.0.1', port: 0 },
    data: { host: '127.0.0.1', port: 0 },
    createReplicator: (given) => {
      engine = fakeReplicator(given);
      prepareEngine?.(engine);
      return engine;
    },
    ...options,
    dataDir,
  });
  onTestFinished(() => service.close());
  if (!engine) throw new Error('the service made no engine');
  const { name, version, fingerprint } = service.info;
  return {
    service,
    engine,
    dataDir,
    session: inProcessSession(service.answerer, { user: 'console', role: 'admin', peer: { name, version, fingerprint } }),
    async dial() {
      const session = await openControlSession({ ...service.control, fingerprint });
      onTestFinished(() => session.close());
      return session;
    },
    async restart() {
      await service.close();
      return startTestService({ ...options, dataDir });
    },
  };
}
