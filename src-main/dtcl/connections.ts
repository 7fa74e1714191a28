import type { ConnectionSnapshot, MapSpec, ServiceCaller } from '../api/index.ts';
import { describeError, ReplicationError, toReplicationError } from '../base/index.ts';
import type { ArgumentReader } from './arguments.ts';
import { done, type Outcome, type Run } from './definitions.ts';
import { numberOf } from './error-numbers.ts';
import { ScriptFailure } from './script-failure.ts';
import type { DtclSession } from './session.ts';
import type { Argument } from './tree.ts';
import { asInteger, showValue } from './values.ts';

/** The error number and the whole sentence of anything that a command threw. */
export function failureOf(error: unknown): { number: number; code: string; text: string; nextStep: string } {
  if (error instanceof ScriptFailure) return { number: error.number, code: 'script', text: error.message, nextStep: '' };
  const { code, details } = toReplicationError(error);
  const { cause, effect, nextStep } = describeError(code, details);
  return { number: numberOf(code), code, text: [cause, effect, nextStep].filter((part) => part !== '').join(' '), nextStep };
}

/** One connection of the source, by its small number or its UUID. */
export async function connectionOf(session: DtclSession, argument: Argument): Promise<ConnectionSnapshot> {
  const [connection] = await connectionsOf(session, argument, false);
  if (connection === undefined) throw new ScriptFailure(-115, 'One connection must be named here.');
  return connection;
}

/** The connections that an argument names: one, or with `*` or `all` every one of the source. */
export async function connectionsOf(
  session: DtclSession,
  argument: Argument,
  allowsAll = true,
): Promise<readonly ConnectionSnapshot[]> {
  const source = session.requireSource();
  const value = session.value(argument);
  const text = showValue(value).toLowerCase();
  const integer = asInteger(value);
  if (integer !== null && integer <= 0) {
    const holder = argument.kind === 'variable' ? `$${argument.name} holds` : 'The connection is';
    throw new ScriptFailure(
      -115,
      `${holder} ${integer}: the command that should have given a connection failed. Nothing was done.`,
    );
  }
  const connections = await session.host.calls(source).call('connection.list', null);
  if (text === '*' || text === 'all') {
    if (allowsAll) return connections;
    throw new ScriptFailure(-115, 'One connection must be named here, not all.');
  }
  const found = connections.find(({ number, id }) => number === integer || id.toLowerCase() === text);
  if (found !== undefined) return [found];
  const known = connections.length === 0 ? 'it has none' : `it has ${connections.map(({ number }) => number).join(', ')}`;
  throw new ScriptFailure(
    -115,
    `${source} has no connection ${text}; ${known}. Numbers change when a service restarts: ask conid for it.`,
  );
}

/** The connection of a set to a target. Throws `unknown-connection` in the words of the script. */
export async function findConnection(
  session: DtclSession,
  { setName, target, map }: { setName: string; target: string; map: MapSpec | null },
): Promise<ConnectionSnapshot> {
  const fingerprint = session.host.fingerprintOf(target);
  try {
    return await session.sourceCalls().call('connection.find', { setName, target: fingerprint, map });
  } catch (error) {
    if (!isUnknown(error)) throw error;
    throw new ReplicationError('unknown-connection', { ...error.details, target }, { cause: error });
  }
}

export function targetCalls({ host }: DtclSession, { targetFingerprint, targetName }: ConnectionSnapshot): ServiceCaller {
  return host.calls(host.serverNames().find((name) => host.fingerprintOf(name) === targetFingerprint) ?? targetName);
}

/** Every connection of the source to a target, whatever name it was connected under. */
export async function connectionsTo(session: DtclSession, target: string): Promise<readonly ConnectionSnapshot[]> {
  const source = session.requireSource();
  const found: ConnectionSnapshot[] = [];
  for (const connection of await session.host.calls(source).call('connection.list', null)) {
    const { setName, map, id } = connection;
    try {
      if ((await findConnection(session, { setName, target, map })).id === id) found.push(connection);
    } catch (error) {
      if (!isUnknown(error)) throw error;
    }
  }
  if (found.length === 0) throw new ScriptFailure(-115, `${source} has no connection to ${target}.`);
  return found;
}

function isUnknown(error: unknown): error is ReplicationError {
  return error instanceof ReplicationError && error.code === 'unknown-connection';
}

/** Does the same to each connection. One that fails does not keep the others from it; the first failure is the command's. */
export async function onEach(
  run: Run,
  connections: readonly ConnectionSnapshot[],
  act: (connection: ConnectionSnapshot, calls: ServiceCaller) => Promise<void>,
): Promise<void> {
  const calls = run.session.sourceCalls();
  const failures: unknown[] = [];
  for (const connection of connections) {
    try {
      await act(connection, calls);
    } catch (error) {
      run.signal.throwIfAborted();
      failures.push(error);
    }
  }
  for (const error of failures.slice(1)) run.print(`Failed too: ${failureOf(error).text}`);
  if (failures.length > 0) throw failures[0];
}

/** A command that names connections, and nothing else, and does the same to each. */
export function bindEach(
  reader: ArgumentReader,
  act: (run: Run, connection: ConnectionSnapshot, calls: ServiceCaller) => Promise<void>,
): (run: Run) => Promise<Outcome> {
  const which = reader.operand('the connection');
  reader.end();
  return async (run) => {
    await onEach(run, await connectionsOf(run.session, which), (connection, calls) => act(run, connection, calls));
    return done;
  };
}

/** Reads `map exact`, `map base <path>` or `map <path> to <path> …`; null when there is no `map`. */
export function readMap(reader: ArgumentReader): ((session: DtclSession) => MapSpec) | null {
  if (reader.takeWord('map') === null) return null;
  if (reader.takeWord('exact') !== null) return () => ({ kind: 'exact' });
  if (reader.takeWord('base') !== null) {
    const base = reader.operand('the base folder');
    return (session) => ({ kind: 'base', base: session.text(base) });
  }
  const pairs: { from: Argument; to: Argument }[] = [];
  do {
    const from = reader.operand('exact, base or a folder of the source');
    reader.expectWord('to');
    pairs.push({ from, to: reader.operand('the folder on the target') });
    // What follows is one more pair only if a "to" comes second; else it is an option.
  } while (reader.isWord('to', 1));
  return (session) => ({
    kind: 'pairs',
    pairs: pairs.map(({ from, to }) => ({ from: session.text(from), to: session.text(to) })),
  });
}
