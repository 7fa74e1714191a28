import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { runDemo } from './demo/index.ts';

/** `understudy demo [FOLDER]`: exit code 0 only if the replica equals the source at the end. */
export function demoCommand(): Command {
  const program = resolve(process.argv[1] ?? 'understudy');
  const ownTree = resolve(program, '../../../node_modules');
  return new Command('demo')
    .description('Replicates a real folder between two services on this machine and compares every byte.')
    .argument('[folder]', 'what to replicate; it is only read', ownTree)
    .action(async (folder: string) => {
      const exitCode = await runDemo(folder, program);
      if (exitCode !== 0) throw new CommanderError(exitCode, 'demo', '');
    });
}
