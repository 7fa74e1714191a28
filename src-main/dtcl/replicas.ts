import type { ConnectionId, ServiceCaller } from '../api/index.ts';
import type { ArgumentReader } from './arguments.ts';
import { connectionOf, targetCalls } from './connections.ts';
import { ScriptFailure } from './script-failure.ts';
import type { DtclSession } from './session.ts';
import { nameOf } from './show.ts';
import type { Argument } from './tree.ts';

/** One replica, and the server that holds it. */
export interface HeldReplica {
  readonly connectionId: ConnectionId;
  readonly calls: ServiceCaller;
  /** For people. */
  readonly name: string;
}

/** The end of a command that may name the target. */
export function readServer(reader: ArgumentReader): Argument | null {
  const server = reader.takeWord('on') === null ? null : reader.operand('the server');
  reader.end();
  return server;
}

/** The target that is named, or else the chosen one. `command`: what is to be said so that one is. */
export function targetOf(session: DtclSession, server: Argument | null, command: string): ServiceCaller {
  const holder = server === null ? session.target : session.host.resolve(session.text(server));
  if (holder === null) throw new ScriptFailure(-106, `No target is chosen. Name it: ${command} on <server>.`);
  return session.host.calls(holder);
}

/**
 * The replica of a connection of the source; or, with a server, one that this target holds, by the connection's id: its source may be
 * gone. Needs a login on the target.
 */
export async function replicaOf(session: DtclSession, which: Argument, server: Argument | null): Promise<HeldReplica> {
  if (server === null) {
    const connection = await connectionOf(session, which);
    return { connectionId: connection.id, calls: targetCalls(session, connection), name: nameOf(connection) };
  }
  const holder = session.host.resolve(session.text(server));
  const calls = session.host.calls(holder);
  const wanted = session.text(which).toLowerCase();
  const replica = (await calls.call('replica.list', null)).find(({ connectionId }) => connectionId.toLowerCase() === wanted);
  if (replica !== undefined)
    return { connectionId: replica.connectionId, calls, name: `${replica.setName} from ${replica.sourceName}` };
  throw new ScriptFailure(-115, `${holder} holds no replica of a connection ${wanted}. See: status target ${holder}.`);
}

/** The same for certificates, which outlive their replica: with a server, the connection may have ended. */
export async function certifiedOf(session: DtclSession, which: Argument, server: Argument | null): Promise<HeldReplica> {
  if (server !== null) {
    const calls = session.host.calls(session.host.resolve(session.text(server)));
    const wanted = session.text(which).toLowerCase();
    const all = await calls.call('certificate.list', { connectionId: null });
    const kept = all.find(({ connectionId }) => connectionId.toLowerCase() === wanted);
    if (kept !== undefined) return { connectionId: kept.connectionId, calls, name: `${kept.setName} from ${kept.sourceName}` };
  }
  return replicaOf(session, which, server);
}
