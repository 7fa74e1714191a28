import type { BackupName } from '../../../src-main/api/index.ts';
import type { BackupRow } from '../../stores/backup-rows.ts';
import type { Services } from '../../stores/services.svelte.ts';
import { backupName } from '../../text/backups.ts';

/** How a call names the replica of a row; `side` is that of the server that is called. */
export function callName({ view }: BackupRow, side: BackupName['side']): BackupName {
  return { side, name: view.connectionId, target: null };
}

/** Which replica of its set it is: `Day and night/noon`, or `connection 6`. */
export function placeName({ serverId, view }: BackupRow, services: Pick<Services, 'connectionsOf' | 'slotOf'>): string {
  const turns = services.slotOf(serverId, view.connectionId);
  if (turns !== undefined) return `${turns.rotation.name}/${turns.slot.name}`;
  const connection = services.connectionsOf(serverId).find(({ id }) => id === view.connectionId);
  return connection === undefined ? `from ${view.sourceName}` : `connection ${connection.number}`;
}

/** The source of a row and the name of its replica there, for a script; null where this console does not hear from the source. */
export function scriptedName(
  { serverId, view }: BackupRow,
  services: Pick<Services, 'connectionsOf' | 'slotOf' | 'server'>,
): { readonly source: string; readonly name: string } | null {
  const { connectionId, setName, targetName, targetFingerprint } = view;
  const all = services.connectionsOf(serverId);
  const connection = all.find(({ id }) => id === connectionId);
  const server = services.server(serverId);
  if (connection === undefined || server === undefined) return null;
  const turns = services.slotOf(serverId, connectionId);
  const isOnly = all.filter((one) => one.setName === setName && one.targetFingerprint === targetFingerprint).length === 1;
  const slot = turns === undefined ? null : { rotation: turns.rotation.name, name: turns.slot.name };
  return { source: server.name, name: backupName({ slot, setName, targetName, isOnly, number: connection.number }) };
}
