import { ReplicationError } from '../base/index.ts';
import { inProcessSession, type Address, type ControlSession } from '../control/index.ts';
import { initDataFolder, isInitialised } from './init.ts';
import { DEFAULT_CONTROL_PORT, DEFAULT_DATA_PORT, startService, type Service, type ServiceOptions } from './service.ts';

const LOOPBACK = '127.0.0.1';

export interface EmbeddedService {
  readonly service: Service;
  /** The console's own line: an administrator without an account, because whoever can run this program can read its folder anyway. */
  readonly session: ControlSession;
  /** Default ports that were taken and the ones used instead, in words; empty when all is as usual. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/**
 * A service inside a console's own process, on loopback only. Its data folder is made on first use, without any account. A default port that
 * is taken is replaced by any free one. `user` is the name under which its actions are audited.
 */
export async function startEmbeddedService(
  options: Omit<ServiceOptions, 'control' | 'data'> & { readonly user: string },
): Promise<EmbeddedService> {
  const { user, ...rest } = options;
  const { dataDir } = rest;
  if (!isInitialised(dataDir)) await initDataFolder({ dataDir, admin: null });
  const notes: string[] = [];
  const service = await startOnFreePorts(rest, notes);
  const { name, version, fingerprint } = service.info;
  const session = inProcessSession(service.answerer, { user, role: 'admin', peer: { name, version, fingerprint } });
  return {
    service,
    session,
    notes,
    close: async () => {
      session.close();
      await service.close();
    },
  };
}

async function startOnFreePorts(options: Omit<ServiceOptions, 'control' | 'data'>, notes: string[]): Promise<Service> {
  let control: Address = { host: LOOPBACK, port: DEFAULT_CONTROL_PORT };
  let data: Address = { host: LOOPBACK, port: DEFAULT_DATA_PORT };
  for (;;) {
    try {
      const service = await startService({ ...options, control, data });
      if (control.port === 0) notes.push(`Control port ${DEFAULT_CONTROL_PORT} is taken; using ${service.control.port}.`);
      if (data.port === 0) notes.push(`Data port ${DEFAULT_DATA_PORT} is taken; using ${service.data.port}.`);
      return service;
    } catch (error) {
      const taken = error instanceof ReplicationError && error.code === 'port-in-use' ? error.details.port : null;
      if (taken === control.port && control.port !== 0) control = { ...control, port: 0 };
      else if (taken === data.port && data.port !== 0) data = { ...data, port: 0 };
      else throw error;
    }
  }
}
