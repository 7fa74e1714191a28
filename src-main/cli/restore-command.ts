import { Command, InvalidArgumentError, Option } from 'commander';
import { MOST_SAMPLED, overwritePolicies, type OverwritePolicy, type PlanEntry, type RestoreReport } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import {
  beginDrill,
  beginRestore,
  planEntries,
  showPlan,
  showPlanEntry,
  showRestore,
  showRestoreReport,
  showRestoreStatus,
  waitForRestore,
  type RestoreServers,
} from '../dtcl/index.ts';
import type { RegistryHost } from './dtcl-host.ts';
import { ExitCode } from './exit-code.ts';
import { withLogins } from './with-logins.ts';

interface Held {
  from: string;
  json?: boolean;
}
interface Sent extends Held {
  to: string;
  base?: string;
  owners: 'number' | 'name';
}
interface RunOptions extends Sent {
  path: string[];
  overwrite: OverwritePolicy;
  checksum?: boolean;
  keep?: boolean;
}
interface DrillOptions extends Sent {
  base: string;
  files: number;
  seed?: string;
  source?: string;
}

/** `understudy restore`: exit code 0 everything is as in the replica, 1 it is not, 2 the command was wrong. */
export function restoreCommand(): Command {
  const command = new Command('restore').description(
    'Sends what a target holds back to its source or elsewhere, and tries whether that would work.',
  );
  chosen(command.command('plan'), 'Find out what a restore would do, and do none of it.')
    .option('--keep', 'let it wait for: understudy restore go')
    .action(plan);
  chosen(command.command('run'), 'Restore, and compare every byte afterwards.').action(run);
  sent(command.command('drill'), 'Restore a random sample into a new folder below the base, and compare it with what proves it.')
    .requiredOption('--base <folder>', 'on the receiving server; a new folder is made in it for each drill and stays')
    .option('--files <n>', 'how many files are drawn', files, 20)
    .option('--seed <text>', 'draws the same files as another drill with it')
    .option('--source <server>', 'compare with the files of this server, the source of the replica')
    .action(drill);
  for (const verb of ['go', 'cancel'] as const)
    held(command.command(verb).argument('<id>', 'the restore'))
      .description(verb === 'go' ? 'Carry out a restore that was planned and kept.' : 'End a restore; what is restored stays.')
      .action((id: string, options: Held) =>
        withHost([options.from], async (_host, { holder }) => {
          const restore = await holder.call(`restore.${verb}`, { restoreId: id });
          print(options, restore, [showRestore(restore)]);
        }),
      );
  held(command.command('status').argument('[id]', 'print all of this one'))
    .description('List the restores and drills of a target, and their reports.')
    .action(status);
  return command;
}

function held(command: Command): Command {
  return command
    .requiredOption('--from <server>', 'the target that holds the data, whose login is stored (understudy server login)')
    .option('--json', 'print one JSON object');
}

function sent(command: Command, description: string): Command {
  return held(command)
    .description(description)
    .argument('<what>', 'a replica by its set or id, or a folder of the target by its absolute path')
    .requiredOption('--to <server>', 'the server that receives it, whose login is stored')
    .addOption(new Option('--owners <by>', 'how owners are given').choices(['number', 'name']).default('number'));
}

function chosen(command: Command, description: string): Command {
  return sent(command, description)
    .option(
      '--path <path>',
      'only this file or folder, by its path on the source; may be repeated',
      (path: string, all: string[]) => [...all, path],
      [],
    )
    .option('--base <folder>', 'restore below this folder instead of where it was')
    .addOption(
      new Option('--overwrite <which>', 'which existing files are replaced').choices(overwritePolicies).default('different'),
    )
    .option('--checksum', 'compare the blocks of every file, also where date and size are equal');
}

function wantedOf(what: string, { from, to, base, path, overwrite, checksum = false, owners }: RunOptions) {
  return { what, holder: from, receiver: to, paths: path, folder: base ?? null, overwrite, checksum, owners };
}

function plan(what: string, options: RunOptions): Promise<void> {
  return withHost([options.from, options.to], async (host, servers) => {
    const { id } = await beginRestore(host, { ...wantedOf(what, options), plan: true });
    const { restore } = await waitForRestore(servers, id, ({ state }) => state === 'planned');
    if (restore.plan === null) throw new ReplicationError('bad-input', { text: showRestoreStatus(restore) });
    const entries: PlanEntry[] = [];
    for await (const entry of planEntries(servers.holder, restore)) entries.push(entry);
    if (!options.keep) await servers.holder.call('restore.cancel', { restoreId: id });
    print(options, { ...restore.plan, restoreId: id, warnings: restore.warnings, entries }, [
      ...showPlan(restore.plan),
      ...restore.warnings.map((warning) => `Note: ${warning}`),
      ...entries.map(showPlanEntry),
      ...(options.keep ? [`It waits: understudy restore go ${id} --from ${options.from}`] : []),
    ]);
  });
}

function run(what: string, options: RunOptions): Promise<void> {
  return withHost([options.from, options.to], async (host, servers) => {
    const { id, warnings } = await beginRestore(host, { ...wantedOf(what, options), plan: false });
    for (const warning of warnings) process.stderr.write(`understudy: ${warning}\n`);
    await finish(options, servers, id);
  });
}

function drill(what: string, options: DrillOptions): Promise<void> {
  const { from, to, base, owners, files: count, seed = null, source } = options;
  return withHost([from, to, ...(source === undefined ? [] : [source])], async (host, servers) => {
    const compared = source === undefined ? null : host.calls(source);
    const order = { what, holder: from, receiver: to, folder: base, owners, files: count, seed, source: compared };
    await finish(options, servers, (await beginDrill(host, order)).id);
  });
}

/** Says at once under which id it goes on, should this program be ended. */
async function finish(options: Held, servers: RestoreServers, id: string): Promise<void> {
  process.stderr.write(
    `understudy: ${id} has begun; it goes on without this program: understudy restore status ${id} --from ${options.from}\n`,
  );
  const report = await waitForRestore(servers, id, () => false);
  print(options, report, showRestoreReport(report));
  if (!isGood(report)) throw new ExitCode(1);
}

async function status(id: string | undefined, options: Held): Promise<void> {
  await withHost([options.from], async (_host, { holder }) => {
    if (id === undefined) {
      const restores = await holder.call('restore.list', null);
      print(options, restores, restores.length === 0 ? ['Nothing was restored.'] : restores.map(showRestore));
      return;
    }
    const report = await holder.call('restore.get', { restoreId: id });
    print(options, report, showRestoreReport(report));
    if (report.restore.state === 'done' && !isGood(report)) throw new ExitCode(1);
  });
}

function isGood({ restore: { result }, isIntact }: RestoreReport): boolean {
  return isIntact && result?.outcome === 'restored' && result.drill?.isPassed !== false;
}

function print({ json }: Held, data: unknown, lines: readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(data)}\n` : lines.map((line) => `${line}\n`).join(''));
}

/** The first server holds the data. */
function withHost(names: readonly string[], work: (host: RegistryHost, servers: RestoreServers) => Promise<void>): Promise<void> {
  return withLogins(names, (host) =>
    work(host, { holder: host.calls(names[0] ?? ''), clock: host.clock, signal: new AbortController().signal }),
  );
}

function files(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= MOST_SAMPLED) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_SAMPLED}.`);
}
