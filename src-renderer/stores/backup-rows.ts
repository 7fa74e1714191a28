import type { BackupView } from '../../src-main/api/index.ts';

/** What may be read, with the server that begins and ends windows on it. */
export interface BackupRow {
  /** The source; the target where this console does not hear from the source. */
  readonly serverId: string;
  /** The target that holds the replica for its window; null while none does. */
  readonly holderId: string | null;
  readonly view: BackupView;
}

interface Told {
  readonly serverId: string;
  readonly view: BackupView;
}

/** One row for each replica. A hold is known to its target only: what that says of it is laid over what the source says of the rest. */
export function backupRows(told: readonly Told[]): readonly BackupRow[] {
  const held = new Map(told.filter(({ view }) => isHeld(view)).map((one) => [one.view.connectionId, one]));
  const ofSources = told.filter(({ view }) => !isHeld(view));
  const known = new Set(ofSources.map(({ view }) => view.connectionId));
  const ofTargets = [...held.values()].filter(({ view }) => !known.has(view.connectionId));
  return [
    ...ofSources.map((one) => withHold(one, held.get(one.view.connectionId))),
    ...ofTargets.map(({ serverId, view }) => ({ serverId, holderId: serverId, view })),
  ];
}

function withHold({ serverId, view }: Told, hold: Told | undefined): BackupRow {
  if (hold === undefined) return { serverId, holderId: null, view };
  const { verdict, method, window, copy } = hold.view;
  return { serverId, holderId: hold.serverId, view: { ...view, verdict, method, window, copy: copy ?? view.copy } };
}

export function isHeld({ window }: BackupView): boolean {
  return window?.method === 'hold';
}
