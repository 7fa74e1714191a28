import type { ConnectionSnapshot } from '../../src-main/api/index.ts';
import { silentLog } from '../../src-main/base/index.ts';
import type { ConnectionCommand } from '../../src-main/engine/connection/index.ts';
import { Rotations } from '../../src-main/service/rotations/index.ts';
import { rotationsShape } from '../../src-main/service/rotations/stored.ts';
import type { StoredRotations } from '../../src-main/service/rotations/stored.ts';
import type { ScheduleClock } from '../../src-main/service/schedule-clock.ts';
import { HandClock } from './hand-clock.ts';
import { memoryFile } from './memory-file.ts';

/** The rotations of a service in memory, over connections that a test owns. */
export function rotationsInMemory(
  connections: () => readonly ConnectionSnapshot[],
  command: (connectionId: string, command: ConnectionCommand) => Promise<unknown>,
): { readonly rotations: Rotations; readonly clock: HandClock } {
  const clock = new HandClock(Date.parse('2026-11-27T06:00:00Z'));
  const rotations = rotationsOver({ connections, command, clock, initial: rotationsShape.initial, onChange: () => undefined });
  return { rotations, clock };
}

/** The same by any clock, from what was stored before. */
export function rotationsOver(given: {
  readonly connections: () => readonly ConnectionSnapshot[];
  readonly command: (connectionId: string, command: ConnectionCommand) => Promise<unknown>;
  readonly clock: ScheduleClock;
  readonly initial: StoredRotations;
  readonly onChange: () => void;
}): Rotations {
  const rotations = new Rotations({
    file: memoryFile(given.initial),
    clock: given.clock,
    timeZone: () => 'UTC',
    connections: { list: given.connections, rulesOf: () => [], command: given.command },
    tell: () => undefined,
    onChange: given.onChange,
    log: silentLog,
  });
  rotations.start();
  return rotations;
}
