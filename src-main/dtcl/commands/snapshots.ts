import type { ConnectionId, ServiceCaller } from '../../api/index.ts';
import { done, type CommandDefinition, type Outcome } from '../definitions.ts';
import { readServer, replicaOf, targetOf } from '../replicas.ts';
import type { DtclSession } from '../session.ts';
import { showPlaces, showReverted, showSnapshot } from '../snapshot-text.ts';
import type { Argument } from '../tree.ts';
import { textValue } from '../values.ts';

const where = 'Needs a login on the target. "on" names the target, and the replica by the id of its connection.';

const take: CommandDefinition = {
  name: 'snapshot take',
  syntax: '<connection> [named <text>] [filelevel] [on <server>]',
  about:
    'Takes a snapshot of a replica on its target, where the file system has them: the replica is brought to a cut for it and goes on at once. Refused while a mirror ' +
    'runs or is lacking, and of a cut that is no single moment, unless "filelevel" is said. Returns when it is on disk; an assignment ' +
    `takes its id. ${where}`,
  example: '$snapshot = snapshot take $id named "before the upgrade";',
  words: ['named', 'filelevel', 'on'],
  bind(reader) {
    const which = reader.operand('the connection');
    const name = reader.takeWord('named') === null ? null : reader.operand('the name');
    const fileLevel = reader.takeWord('filelevel') !== null;
    const server = readServer(reader);
    return async ({ session, print }): Promise<Outcome> => {
      const { calls, connectionId } = await replicaOf(session, which, server);
      const given = name === null ? '' : session.text(name, 100);
      const taken = await calls.call('snapshot.take', { connectionId, name: given, fileLevel });
      print(`Snapshot taken: ${showSnapshot(taken)}`);
      showPlaces(taken).forEach(print);
      return { result: 1, value: textValue(taken.id), data: taken };
    };
  },
};

const list: CommandDefinition = {
  name: 'snapshot list',
  syntax: '<connection> [on <server>] | on <server>',
  about: `The snapshots of a replica, newest first, and where they lie; or all of a target, also of connections that have ended. ${where}`,
  example: 'snapshot list $id;',
  words: ['on'],
  bind(reader) {
    const which = reader.isWord('on') ? null : reader.operand('the connection');
    const server = readServer(reader);
    return async ({ session, print }) => {
      const { calls, connectionId } =
        which === null
          ? { calls: targetOf(session, server, 'snapshot list'), connectionId: null }
          : await ownerOf(session, which, server);
      const found = await calls.call('snapshot.list', { connectionId });
      for (const snapshot of found) {
        print(showSnapshot(snapshot));
        showPlaces(snapshot).forEach(print);
      }
      if (found.length === 0) print('There are no snapshots.');
      return { result: 1, data: found };
    };
  },
};

const revert: CommandDefinition = {
  name: 'snapshot revert',
  syntax: '<connection> <snapshot> [on <server>]',
  about:
    'Sets a replica back to a snapshot, while its connection is parked or has ended, or the replica is held with nothing waiting; else it is refused. What the replica held ' +
    'before is kept as a snapshot, whose id an assignment takes. Nothing is sent to the replica afterwards before a mirror is started. ' +
    where,
  example: 'snapshot revert $id 2026-11-22T11-00-00-000Z;',
  words: ['on'],
  bind(reader) {
    const which = reader.operand('the connection');
    const snapshot = reader.operand('the snapshot');
    const server = readServer(reader);
    return async ({ session, print }): Promise<Outcome> => {
      const { calls, connectionId } = await ownerOf(session, which, server);
      const snapshotId = session.text(snapshot, 50);
      const kept = await calls.call('snapshot.revert', { connectionId, snapshotId });
      print(showReverted(kept, snapshotId));
      return { result: 1, value: textValue(kept.id), data: kept };
    };
  },
};

const remove: CommandDefinition = {
  name: 'snapshot delete',
  syntax: '<connection> <snapshot> [on <server>]',
  about: `Deletes one snapshot on the target. ${where}`,
  example: 'snapshot delete $id 2026-11-22T11-00-00-000Z;',
  words: ['on'],
  bind(reader) {
    const which = reader.operand('the connection');
    const snapshot = reader.operand('the snapshot');
    const server = readServer(reader);
    return async ({ session, print }) => {
      const { calls, connectionId } = await ownerOf(session, which, server);
      const snapshotId = session.text(snapshot, 50);
      await calls.call('snapshot.delete', { connectionId, snapshotId });
      print(`Snapshot ${snapshotId} was deleted.`);
      return done;
    };
  },
};

/** Whose snapshots they are. With a server the connection may have ended, and only its id is left of it. */
async function ownerOf(
  session: DtclSession,
  which: Argument,
  server: Argument | null,
): Promise<{ readonly calls: ServiceCaller; readonly connectionId: ConnectionId }> {
  if (server === null) return replicaOf(session, which, null);
  return { calls: targetOf(session, server, 'snapshot list'), connectionId: session.text(which).toLowerCase() };
}

/** States of a replica that stay. */
export const snapshotCommands: readonly CommandDefinition[] = [take, list, revert, remove];
