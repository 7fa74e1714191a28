import type { ConnectionId, ConnectionSnapshot, ReplicaSnapshot } from '../../src-main/api/index.ts';
import { silentLog } from '../../src-main/base/index.ts';
import type { ConnectionCommand } from '../../src-main/engine/connection/index.ts';
import { BackupWindows, windowsShape } from '../../src-main/service/backup/index.ts';
import type { ScheduleClock } from '../../src-main/service/schedule-clock.ts';
import type { Rotations } from '../../src-main/service/rotations/index.ts';
import type { StoredWindows } from '../../src-main/service/backup/stored.ts';
import { memoryFile } from './memory-file.ts';

export interface WindowsWorld {
  readonly clock: ScheduleClock;
  readonly rotations: Rotations;
  readonly connections: () => readonly ConnectionSnapshot[];
  readonly replicas: () => readonly ReplicaSnapshot[];
  readonly command: (connectionId: ConnectionId, command: ConnectionCommand) => Promise<unknown>;
  /** What was stored before; nothing if it is left out. */
  readonly initial?: StoredWindows;
  readonly onChange?: () => void;
  readonly hold: (connectionId: ConnectionId, hold: { owner: string; reason: string; since: string } | null) => void;
}

/** The backup windows of a service in memory, over connections and replicas that a test owns. */
export function windowsInMemory(world: WindowsWorld): BackupWindows {
  const windows = new BackupWindows({
    file: memoryFile(world.initial ?? windowsShape.initial),
    clock: world.clock,
    connections: {
      list: world.connections,
      command: world.command,
      keptCut: (connectionId) => {
        const transmission = world.connections().find(({ id }) => id === connectionId)?.transmission;
        return transmission?.kind === 'paused' ? transmission.cut : null;
      },
      has: (connectionId) => world.connections().some(({ id }) => id === connectionId),
    },
    replicas: {
      list: world.replicas,
      has: (connectionId) => world.replicas().some((replica) => replica.connectionId === connectionId),
      hold: (connectionId, hold) => {
        world.hold(connectionId, hold);
        return Promise.resolve();
      },
    },
    rotations: world.rotations,
    self: () => ({ name: 'beta', fingerprint: 'print-of-beta' }),
    tell: () => undefined,
    onChange: () => world.onChange?.(),
    log: silentLog,
  });
  windows.start();
  return windows;
}
