import type {
  BackupView,
  BackupWindow,
  CallInput,
  ConnectionId,
  ConnectionSnapshot,
  MirrorOptions,
  ReplicaSnapshot,
} from '../../api/index.ts';
import type { Log } from '../../base/index.ts';
import type { SettingsFile } from '../../config/index.ts';
import type { ConnectionCommand, ConnectionSpec, Replicator, Volume } from '../../engine/connection/index.ts';
import type { ScheduleClock } from '../schedule-clock.ts';
import type { StoredRestore, StoredRestores } from './stored.ts';

/** What restores need of the rest of their service. */
export interface RestoreParts {
  readonly file: SettingsFile<StoredRestores>;
  /** Where the reports lie. */
  readonly folder: string;
  readonly clock: ScheduleClock;
  readonly replicator: Pick<Replicator, 'prepare' | 'refuseLoop' | 'newestCertificate' | 'verifyReport'>;
  readonly connections: {
    readonly list: () => readonly ConnectionSnapshot[];
    readonly has: (connectionId: ConnectionId) => boolean;
    readonly openForRestore: (spec: ConnectionSpec, mirror: MirrorOptions | null) => Promise<void>;
    readonly command: (connectionId: ConnectionId, command: ConnectionCommand) => Promise<unknown>;
    readonly disconnect: (connectionId: ConnectionId) => Promise<{ readonly isConfirmed: boolean }>;
  };
  readonly replicas: { readonly list: () => readonly ReplicaSnapshot[] };
  readonly windows: {
    readonly list: () => readonly BackupWindow[];
    readonly begin: (input: CallInput<'backup.begin'>) => Promise<BackupView>;
    readonly end: (input: CallInput<'backup.end'>) => Promise<{ readonly ended: BackupView['window'] }>;
  };
  readonly volumes: readonly Volume[];
  readonly serverName: string;
  readonly fingerprint: string;
  readonly tell: (severity: 'info' | 'warning' | 'error', text: string, connectionId: ConnectionId) => void;
  readonly log: Log;
}

/** The mirror that a restore is. */
export function mirrorOf({ overwrite, checksum }: Pick<StoredRestore, 'overwrite' | 'checksum'>): MirrorOptions {
  if (overwrite === 'always') return { kind: 'all' };
  return { kind: checksum ? 'checksum' : 'different', ...(overwrite === 'older' && { newer: true }) };
}
