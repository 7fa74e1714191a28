import { join } from 'node:path';

/** Where things lie in a service's data folder. The engine adds its own folders for catalogs and queues. */
export interface DataFolder {
  readonly root: string;
  readonly key: string;
  readonly certificate: string;
  readonly server: string;
  readonly accounts: string;
  readonly sets: string;
  readonly connections: string;
  readonly rotations: string;
  readonly parks: string;
  readonly windows: string;
  readonly restores: string;
  readonly restoreReports: string;
  readonly messages: string;
  readonly audit: string;
  readonly logs: string;
  readonly lock: string;
}

export function dataFolder(root: string): DataFolder {
  return {
    root,
    key: join(root, 'identity', 'key.pem'),
    certificate: join(root, 'identity', 'certificate.pem'),
    server: join(root, 'server.json'),
    accounts: join(root, 'accounts.json'),
    sets: join(root, 'sets.json'),
    connections: join(root, 'connections.json'),
    rotations: join(root, 'rotations.json'),
    parks: join(root, 'parks.json'),
    windows: join(root, 'windows.json'),
    restores: join(root, 'restores.json'),
    restoreReports: join(root, 'restores'),
    messages: join(root, 'messages.db'),
    audit: join(root, 'audit.jsonl'),
    logs: join(root, 'logs'),
    lock: join(root, 'service.lock'),
  };
}
