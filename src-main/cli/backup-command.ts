import { Command, InvalidArgumentError, Option } from 'commander';
import { hostname, userInfo } from 'node:os';
import type { BackupView } from '../api/index.ts';
import { makeFolders, ReplicationError } from '../base/index.ts';
import { consoleHome, fileSecretBox, openRegistry } from '../console/index.ts';
import {
  beginBackup,
  bringCertificate,
  certifyBackup,
  endBackup,
  findView,
  requireTarget,
  type BackupServers,
} from '../dtcl/index.ts';
import { runHook, type HookMoment } from './backup-hooks.ts';
import { factsOf, printBackup, type BackupForm, type MadeCertificate } from './backup-output.ts';
import { RegistryHost } from './dtcl-host.ts';
import { describeFailure } from './failure.ts';
import { ExitCode } from './exit-code.ts';

/** What a backup program goes by. 75 is what `sysexits.h` calls a temporary failure: try again later. */
const exitCode = { no: 1, wait: 75 } as const;

interface Named {
  server: string;
  target?: string;
  json?: boolean;
  shell?: boolean;
}
interface Owned extends Named {
  owner: string;
  pre?: string;
  post?: string;
  hookTimeout: number;
}
interface BeginOptions extends Owned {
  method: 'pause' | 'hold';
  wait: number;
  reason: string;
  max: number;
  certificate?: string | true;
}

/** `understudy backup`: exit code 0 go, 75 wait, 1 no, 2 the command was wrong. */
export function backupCommand(): Command {
  const command = new Command('backup')
    .description('Windows in which a backup program may read a replica.')
    .addHelpText(
      'after',
      '\nExit codes: 0 go, 75 wait and try again later, 1 no (standard error says why and what to do), 2 the command was wrong.',
    );
  named(command.command('begin'), 'Bring a replica to a state that may be read, and keep it there.')
    .addOption(new Option('--method <how>', 'for a live connection').choices(['pause', 'hold']).default('pause'))
    .option('--wait <seconds>', 'how long to try while the answer is “wait”', seconds, 0)
    .option('--reason <text>', 'what others are told', 'backup')
    .option('--max <minutes>', 'an alarm is raised when nobody has ended it by then', minutes, 720)
    .option('--certificate [file]', 'also make a certificate of what is read, and bring it into a new file')
    .action(begin);
  named(command.command('end'), 'Give back what this owner took; nothing happens when there is nothing.').action(end);
  for (const one of command.commands) owned(one);
  named(command.command('status'), 'Tell what is true now.').action(status);
  return command;
}

function named(command: Command, description: string): Command {
  return command
    .description(description)
    .argument('<name>', 'ROTATION/SLOT, a rotation (its newest complete slot at rest), the number of a connection, or a set')
    .requiredOption('--server <name>', 'the source, whose login is stored (understudy server login)')
    .option('--target <name>', 'where the set goes, if it goes to several places')
    .option('--json', 'print one JSON object')
    .option('--shell', 'print variables for a shell, to be read with eval');
}

function owned(command: Command): Command {
  return command
    .option('--owner <name>', 'whose window it is; another owner is refused', `${userInfo().username}@${hostname()}`)
    .option('--pre <program>', 'run this first; if it fails nothing is begun')
    .option('--post <program>', 'run this when it is done; if it fails what was begun is given back')
    .option('--hook-timeout <seconds>', 'a program that takes longer is ended, and has failed', seconds, 300);
}

async function begin(name: string, options: BeginOptions): Promise<void> {
  await withServers(options, async (servers, host, request) => {
    const { owner, method, reason, max: maxMinutes, wait } = options;
    const hook = (moment: HookMoment, view: BackupView, certificate: MadeCertificate | null) =>
      runHook(options[moment], factsOf(view, certificate), { command: 'begin', moment, limitMs: options.hookTimeout * 1000 });
    if (options.pre !== undefined) await hook('pre', await findView(servers, request), null);
    const order = { ...request, owner, method, reason, maxMinutes, waitMs: wait * 1000 };
    const { view, isNew } = await beginBackup(servers, order);
    if (view.verdict.kind !== 'go' || view.window === null) refuse(view);
    if (!isNew) process.stderr.write(`understudy: ${owner} began this window at ${view.window.begunAt}; it goes on.\n`);
    try {
      const certificate = options.certificate === undefined ? null : await certify(servers, host, view, options.certificate);
      await hook('post', view, certificate);
      printBackup(view, certificate, formOf(options));
    } catch (error) {
      if (isNew) await endBackup(servers, { ...request, owner });
      throw error;
    }
  })(name);
}

async function certify(
  servers: BackupServers,
  host: RegistryHost,
  view: BackupView,
  path: string | true,
): Promise<MadeCertificate> {
  const { id } = await certifyBackup(servers, view);
  if (path === true) return { id, file: null };
  const { connectionId } = view;
  const { signal } = servers;
  await bringCertificate(await requireTarget(servers, view), host, { connectionId, certificateId: id, path, signal });
  return { id, file: path };
}

async function end(name: string, options: Owned): Promise<void> {
  await withServers(options, async (servers, _host, request) => {
    const { owner } = options;
    const failures: unknown[] = [];
    // Whatever becomes of the programs, the replica goes on.
    const hook = (moment: HookMoment, view: BackupView) =>
      runHook(options[moment], factsOf(view, null), { command: 'end', moment, limitMs: options.hookTimeout * 1000 }).catch(
        (error: unknown) => failures.push(error),
      );
    await hook('pre', await findView(servers, request));
    const { view, ended } = await endBackup(servers, { ...request, owner });
    await hook('post', view);
    printBackup(view, null, formOf(options), ended === null ? 'No window was open.' : 'Given back.');
    for (const failure of failures) process.stderr.write(`understudy: ${describeFailure(failure)}\n`);
    if (ended?.state === 'broken')
      process.stderr.write(
        `understudy: ${view.name} changed while it was read: ${ended.why}. What was read may be a mixture; back it up again.\n`,
      );
    if (failures.length > 0 || ended?.state === 'broken') throw new ExitCode(exitCode.no);
  })(name);
}

async function status(name: string, options: Named): Promise<void> {
  await withServers(options, async (servers, _host, request) => {
    const view = await findView(servers, request);
    printBackup(view, null, formOf(options));
    const { kind } = view.verdict;
    if (kind !== 'go') throw new ExitCode(exitCode[kind]);
  })(name);
}

/** Ends with the code of what a view says against it. */
function refuse({ name, verdict }: BackupView): never {
  const { kind, why, nextStep } = verdict;
  process.stderr.write(`understudy: ${name}: ${kind}. ${why} ${nextStep}\n`);
  throw new ExitCode(kind === 'wait' ? exitCode.wait : exitCode.no);
}

type Work = (
  servers: BackupServers,
  host: RegistryHost,
  request: { readonly name: string; readonly target: string | null },
) => Promise<void>;

/** Logs in on the source, and on a target when it is asked for. */
function withServers({ server, target }: Named, work: Work): (name: string) => Promise<void> {
  return async (name) => {
    const home = consoleHome();
    makeFolders(home, 0o700);
    const host = new RegistryHost(openRegistry(home, { box: fileSecretBox(home) }), () => Promise.resolve(null));
    try {
      await login(host, server);
      const byPrint = (print: string) => host.serverNames().find((known) => host.fingerprintOf(known) === print);
      const servers: BackupServers = {
        source: host.calls(server),
        target: async ({ targetFingerprint }) => {
          const known = byPrint(targetFingerprint);
          if (known === undefined) return null;
          try {
            await login(host, known);
          } catch (error) {
            // The source answers for itself; what only the target knows is not looked at.
            if (error instanceof ReplicationError && error.code === 'no-stored-login') return null;
            throw error;
          }
          return host.calls(known);
        },
        clock: host.clock,
        signal: new AbortController().signal,
      };
      const isKnown = target !== undefined && host.serverNames().some((one) => one.toLowerCase() === target.toLowerCase());
      await work(servers, host, { name, target: isKnown ? host.fingerprintOf(target) : (target ?? null) });
    } finally {
      host.close();
    }
  };
}

/** Once for each server. */
async function login(host: RegistryHost, server: string): Promise<void> {
  if (host.isLoggedIn(server)) return;
  if ((await host.login(server, 'stored')) === 0) throw new ReplicationError('wrong-password', { server });
}

function formOf({ json, shell }: Named): BackupForm {
  return json ? 'json' : shell ? 'shell' : 'text';
}

function seconds(text: string): number {
  return whole(text, 0, 604_800);
}

function minutes(text: string): number {
  return whole(text, 1, 525_600);
}

function whole(text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
}
