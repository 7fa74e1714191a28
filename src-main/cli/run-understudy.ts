import { Command, CommanderError } from 'commander';
import { ExitCode } from './exit-code.ts';
import { describeFailure } from './failure.ts';
import { PROGRAM_VERSION } from '../service/index.ts';

/** Loaded when it is asked for: a service that runs for months keeps nothing of the console's server or the demo in memory. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./init-command.ts')).initCommand(),
  service: async () => (await import('./service-command.ts')).serviceCommand(),
  console: async () => (await import('./console-command.ts')).consoleCommand(),
  server: async () => (await import('./server-command.ts')).serverCommand(),
  backup: async () => (await import('./backup-command.ts')).backupCommand(),
  'verify-backup': async () => (await import('./verify-backup-command.ts')).verifyBackupCommand(),
  changes: async () => (await import('./changes-command.ts')).changesCommand(),
  restore: async () => (await import('./restore-command.ts')).restoreCommand(),
  snapshot: async () => (await import('./snapshot-command.ts')).snapshotCommand(),
  demo: async () => (await import('./demo-command.ts')).demoCommand(),
};

/** What a command ends with when it fails, where 1 means something else. */
const failureCodes: Readonly<Record<string, number>> = { 'verify-backup': 2 };
/** What a wrong command line ends with, where that is something else again. */
const usageCodes: Readonly<Record<string, number>> = { backup: 2, restore: 2, snapshot: 2 };

/** Runs `understudy ARGS` and resolves with the exit code: the command's own, 0, or in most cases 1 after one line on stderr that says why and what to do. */
export async function runUnderstudy(args: readonly string[]): Promise<number> {
  const program = new Command('understudy')
    .description('Keeps live replicas of files on other servers.')
    .version(PROGRAM_VERSION)
    .showHelpAfterError('(understudy --help lists the commands)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'understudy: ')) });
  // What is no command may ask for help, which lists them all.
  const named = Object.keys(commands).filter((name) => name === args[0]);
  for (const name of named.length > 0 ? named : Object.keys(commands)) {
    const command = await commands[name]?.();
    if (command === undefined) continue;
    program.addCommand(command.copyInheritedSettings(program));
    for (const one of command.commands) one.copyInheritedSettings(program);
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof ExitCode) return error.code;
    const failed = failureCodes[args[0] ?? ''] ?? 1;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : (usageCodes[args[0] ?? ''] ?? failed); // commander has said it already
    process.stderr.write(`understudy: ${describeFailure(error)}\n`);
    return failed;
  }
}
