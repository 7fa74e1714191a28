import { Command } from 'commander';
import type { ConnectionId, ServiceCaller } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import { findFrom, showPlaces, showReverted, showSnapshot } from '../dtcl/index.ts';
import { withLogins } from './with-logins.ts';

interface Options {
  on: string;
  json?: boolean;
}
interface TakeOptions extends Options {
  name: string;
  fileLevel?: boolean;
}

/** `understudy snapshot`: exit code 0 done, 1 refused (standard error says why and what to do), 2 the command was wrong. */
export function snapshotCommand(): Command {
  const command = new Command('snapshot').description('Keeps states of replicas on their target, and brings them back.');
  held(command.command('take').argument('<what>', WHAT), 'Take a snapshot of a replica; the replica goes on at once.')
    .option('--name <text>', 'what it is called', '')
    .option('--file-level', 'a cut will do of which different files are of slightly different moments')
    .action(take);
  held(command.command('list').argument('[what]', WHAT), 'List the snapshots of a replica, or all of the target.').action(list);
  held(one(command.command('revert')), 'Set a replica back to a snapshot; what it holds now is kept as another one.').action(
    revert,
  );
  held(one(command.command('delete')), 'Delete a snapshot.').action(remove);
  return command;
}

const WHAT = 'a replica by its set, or by the id of its connection, which may have ended';

function one(command: Command): Command {
  return command.argument('<what>', WHAT).argument('<snapshot>', 'its id, as the list says it');
}

function held(command: Command, description: string): Command {
  return command
    .description(description)
    .requiredOption('--on <server>', 'the target that holds the replica, whose login is stored (understudy server login)')
    .option('--json', 'print one JSON object');
}

function take(what: string, options: TakeOptions): Promise<void> {
  return withTarget(options, async (calls) => {
    const connectionId = await ownerOf(calls, what, options.on);
    const { name, fileLevel = false } = options;
    const taken = await calls.call('snapshot.take', { connectionId, name, fileLevel });
    print(options, taken, [showSnapshot(taken), ...showPlaces(taken)]);
  });
}

function list(what: string | undefined, options: Options): Promise<void> {
  return withTarget(options, async (calls) => {
    const connectionId = what === undefined ? null : await ownerOf(calls, what, options.on);
    const found = await calls.call('snapshot.list', { connectionId });
    const lines = found.flatMap((snapshot) => [showSnapshot(snapshot), ...showPlaces(snapshot)]);
    print(options, found, lines.length === 0 ? ['There are no snapshots.'] : lines);
  });
}

function revert(what: string, snapshotId: string, options: Options): Promise<void> {
  return withTarget(options, async (calls) => {
    const connectionId = await ownerOf(calls, what, options.on);
    const kept = await calls.call('snapshot.revert', { connectionId, snapshotId });
    print(options, kept, [
      showReverted(kept, snapshotId),
      'Nothing is sent to it before a mirror is started, which brings the state of the source back.',
    ]);
  });
}

function remove(what: string, snapshotId: string, options: Options): Promise<void> {
  return withTarget(options, async (calls) => {
    const connectionId = await ownerOf(calls, what, options.on);
    await calls.call('snapshot.delete', { connectionId, snapshotId });
    print(options, { connectionId, snapshotId }, [`Snapshot ${snapshotId} was deleted.`]);
  });
}

/** Of a connection that has ended its id alone is left. */
async function ownerOf(calls: ServiceCaller, what: string, server: string): Promise<ConnectionId> {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(what)) return what.toLowerCase();
  const from = await findFrom(calls, what, server);
  if (from.kind === 'replica') return from.connectionId;
  throw new ReplicationError('unknown-connection', { connection: what, server });
}

function withTarget({ on }: Options, work: (calls: ServiceCaller) => Promise<void>): Promise<void> {
  return withLogins([on], (host) => work(host.calls(on)));
}

function print({ json }: Options, data: unknown, lines: readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(data)}\n` : lines.map((line) => `${line}\n`).join(''));
}
