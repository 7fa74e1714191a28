import type { ConnectionSettingsChange, ConnectionSnapshot, MirrorOptions } from '../../api/index.ts';
import { ReplicationError } from '../../base/index.ts';
import { connectionsOf, findConnection, onEach, readMap } from '../connections.ts';
import { done, type CommandDefinition, type Outcome } from '../definitions.ts';
import { mirrorSyntax, mirrorWords, MirrorWords } from '../mirror-options.ts';
import type { DtclSession } from '../session.ts';
import { nameOf, showMap, showMirrorOptions } from '../show.ts';
import type { ArgumentReader } from '../arguments.ts';
import { integerValue } from '../values.ts';

const mapUsage = 'map exact | map base <path> | map <path> to <path>[, …]';

const connect: CommandDefinition = {
  name: 'connect',
  syntax: `<set> to <target> ${mapUsage} [mirror|nomirror] ${mirrorSyntax} [ignoredelete [keepmoves]] [autoreconnect|noautoreconnect]`,
  about:
    'Connects a saved set of the source to a target and starts to replicate; gives the number of the connection. All files are ' +
    'mirrored unless "nomirror", "different" (by date, size and attributes) or "checksum" (every file, block by block) says otherwise; ' +
    'the words are those of "mirror start". With "ignoredelete" what the source deletes stays on the target; what is moved out of the set ' +
    'goes all the same, unless "keepmoves" is said too. A connection that left its target because its queue was full is brought back. With ' +
    '"noautoreconnect" it does not come back by itself from that, nor from a restart of the source.',
  example: '$id = connect accounts to beta map base c:\\noon_mirror;',
  words: [
    'to',
    'map',
    'exact',
    'base',
    'mirror',
    'nomirror',
    ...mirrorWords,
    'ignoredelete',
    'keepmoves',
    'autoreconnect',
    'noautoreconnect',
  ],
  bind(reader) {
    const set = reader.operand("the set's name");
    reader.expectWord('to');
    const target = reader.operand('the target');
    const { map, mirror, settings } = readConnectOptions(reader);
    reader.end();
    if (map === null) throw reader.refusal(`connect must say where the data goes, it never guesses: ${mapUsage}`);
    return async ({ session, print }): Promise<Outcome> => {
      const { host } = session;
      const source = session.requireSource();
      const request = { setName: session.text(set, 100), target: host.resolve(session.text(target)), map: map(session) };
      const connection = await connectOrReturn(
        session,
        request,
        () => host.connect({ source, ...request, mirror, settings }),
        mirror,
      );
      session.mirrorsBefore.set(connection.id, null);
      const how = mirror === null ? 'no mirror' : `mirror ${showMirrorOptions(mirror)}`;
      print(`Connected: ${nameOf(connection)}, ${showMap(connection.map)}, ${how}.`);
      for (const { from, to } of connection.roots) print(`  ${from} arrives at ${to}`);
      for (const warning of connection.warnings) print(`  Note: ${warning}`);
      return { result: connection.number, value: integerValue(connection.number), data: connection };
    };
  },
};

/** A connection that left its target still exists; a script that connects anew, as the note's scripts do, means that one. */
async function connectOrReturn(
  session: DtclSession,
  request: Parameters<typeof findConnection>[1],
  connectNew: () => Promise<ConnectionSnapshot>,
  mirror: MirrorOptions | null,
): Promise<ConnectionSnapshot> {
  try {
    return await connectNew();
  } catch (error) {
    if (!(error instanceof ReplicationError) || error.code !== 'connection-exists') throw error;
    const twin = await findConnection(session, request);
    if (twin.disconnection === null) throw error;
    return session.sourceCalls().call('connection.reconnect', { connectionId: twin.id, mirror });
  }
}

interface ConnectOptions {
  readonly map: ReturnType<typeof readMap>;
  readonly mirror: MirrorOptions | null;
  readonly settings: ConnectionSettingsChange | undefined;
}

/** Options come in any order, and `map` may stand among them. */
function readConnectOptions(reader: ArgumentReader): ConnectOptions {
  const words = new MirrorWords();
  let said: 'mirror' | 'nomirror' | null = null;
  let map: ReturnType<typeof readMap> = null;
  let settings: ConnectionSettingsChange | undefined;
  const deletes = new Set<'ignoredelete' | 'keepmoves'>();
  for (;;) {
    const { at } = reader;
    if (reader.isWord('map')) {
      if (map !== null) throw reader.refusal('"map" is said twice', at);
      map = readMap(reader);
      continue;
    }
    const reconnects = reader.takeWord('autoreconnect', 'noautoreconnect');
    if (reconnects !== null) {
      if (settings !== undefined) throw reader.refusal('whether it reconnects by itself is said twice', at);
      settings = { queue: { autoReconnect: reconnects === 'autoreconnect' } };
      continue;
    }
    const aboutDeletes = reader.takeWord('ignoredelete', 'keepmoves');
    if (aboutDeletes !== null) {
      deletes.add(aboutDeletes);
      continue;
    }
    const word = reader.takeWord('mirror', 'nomirror');
    if (word === null && !words.take(reader)) break;
    const isContradiction =
      (said === 'nomirror' && (words.isSaid || word === 'mirror')) || (said !== null && word === 'nomirror');
    if (isContradiction || (word === 'nomirror' && words.isSaid))
      throw reader.refusal('"nomirror" and the kind of a mirror contradict each other', at);
    said = word ?? said;
  }
  if (deletes.has('keepmoves') && !deletes.has('ignoredelete'))
    throw reader.refusal('"keepmoves" says more about "ignoredelete", which is missing');
  if (deletes.has('ignoredelete'))
    settings = { ...settings, deletes: { isIgnored: true, movesOut: deletes.has('keepmoves') ? 'keep' : 'remove' } };
  return { map, mirror: said === 'nomirror' ? null : words.options, settings };
}

const conid: CommandDefinition = {
  name: 'conid',
  syntax: `<set> to <target> [${mapUsage}]`,
  about: 'The number of the live connection with that set, target and map; without a map there must be only one.',
  example: '$id = conid accounts to beta map base c:\\noon_mirror;',
  words: ['to', 'map', 'exact', 'base'],
  bind(reader) {
    const set = reader.operand("the set's name");
    reader.expectWord('to');
    const target = reader.operand('the target');
    const toMap = readMap(reader);
    reader.end();
    return async ({ session, print }): Promise<Outcome> => {
      const connection = await findConnection(session, {
        setName: session.text(set, 100),
        target: session.host.resolve(session.text(target)),
        map: toMap === null ? null : toMap(session),
      });
      print(`${nameOf(connection)}, ${showMap(connection.map)}`);
      return { result: connection.number, value: integerValue(connection.number), data: connection };
    };
  },
};

const disconnect: CommandDefinition = {
  name: 'disconnect',
  syntax: '<connection>|*|all',
  about: 'Ends a connection: what the target already received is applied, what was not sent is dropped. The replica stays.',
  example: 'disconnect $id;',
  words: ['all'],
  bind(reader) {
    const which = reader.operand('the connection');
    reader.end();
    return async (run) => {
      const { session, print } = run;
      const connections = await connectionsOf(session, which);
      await onEach(run, connections, async (connection, calls) => {
        await calls.call('connection.disconnect', { connectionId: connection.id });
        session.mirrorsBefore.delete(connection.id);
        print(`Disconnected: ${nameOf(connection)}.`);
      });
      if (connections.length === 0) print(`${session.requireSource()} has no connections.`);
      return done;
    };
  },
};

/** What joins a set to a target, and ends it. */
export const connectionCommands: readonly CommandDefinition[] = [connect, conid, disconnect];
