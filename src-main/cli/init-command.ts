import { Command } from 'commander';
import { resolve } from 'node:path';
import { ReplicationError } from '../base/index.ts';
import { initDataFolder, isInitialised } from '../service/index.ts';
import { readPassword } from './read-password.ts';

/** `understudy init`: makes a service's data folder with its identity and first administrator. */
export function initCommand(): Command {
  return new Command('init')
    .description('Make a data folder for a service: key, certificate and the first administrator.')
    .requiredOption('--data <dir>', 'the folder; made if it is missing')
    .requiredOption('--admin <name>', 'name of the first administrator')
    .option('--name <name>', 'name of this server (default: the host name)')
    .addHelpText(
      'after',
      '\nThe password is read from UNDERSTUDY_ADMIN_PASSWORD or from standard input, never from the command line.',
    )
    .action(async (options: { data: string; admin: string; name?: string }) => {
      const dataDir = resolve(options.data);
      // Before a person types a password for nothing.
      if (isInitialised(dataDir)) throw new ReplicationError('already-initialised', { path: dataDir });
      const password =
        process.env.UNDERSTUDY_ADMIN_PASSWORD ?? (await readPassword(`Password for ${options.admin}: `, { twice: true }));
      checkLength('password', password);
      checkLength('name', options.admin);
      const made = await initDataFolder({
        dataDir,
        admin: { name: options.admin, password },
        ...(options.name === undefined ? {} : { name: options.name }),
      });
      process.stdout.write(`Server ${made.name} is initialised in ${dataDir}.\nFingerprint ${made.fingerprint}\n`);
    });
}

/** The limits of the login call: what is longer could never log in. */
function checkLength(what: string, text: string): void {
  if (text.length < 1 || text.length > 100)
    throw new ReplicationError('bad-input', { text: `the ${what} must have 1 to 100 characters` });
}
