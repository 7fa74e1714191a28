import { Command } from 'commander';
import { createInterface } from 'node:readline/promises';
import { ReplicationError } from '../base/index.ts';
import { consoleHome, fileSecretBox, openRegistry, type Registry, type RegisteredServer } from '../console/index.ts';
import { formatAddress, openControlSession, parseAddress, probe } from '../control/index.ts';
import { DEFAULT_CONTROL_PORT } from '../service/index.ts';
import { readPassword } from './read-password.ts';

/** `understudy server`: the registry of known servers that this user's consoles and scripts share. */
export function serverCommand(): Command {
  const command = new Command('server').description('The servers that this user’s consoles and scripts know.');
  command
    .command('add')
    .description('Add a server; its certificate is shown and has to be confirmed.')
    .argument('<name>', 'the name to use for it')
    .argument('<host:port>', `where its control port is (port ${DEFAULT_CONTROL_PORT} if none is given)`)
    .option('--fingerprint <fp>', 'the fingerprint that the server printed; nothing is asked then')
    .action(add);
  command.command('list').description('List them.').option('--json', 'as JSON').action(list);
  command.command('remove').description('Forget a server and its stored login.').argument('<name>').action(remove);
  command
    .command('login')
    .description('Store a login for scripts (“login NAME stored”) after trying it. The password is read from standard input.')
    .argument('<name>')
    .requiredOption('--user <user>')
    .action(storeLogin);
  command.command('logout').description('Forget the stored login of a server.').argument('<name>').action(forgetLogin);
  return command;
}

async function add(name: string, address: string, options: { fingerprint?: string }): Promise<void> {
  const { host, port } = parseAddress(address, DEFAULT_CONTROL_PORT);
  await withRegistry(async (registry) => {
    if (registry.list().some((known) => known.name.toLowerCase() === name.toLowerCase())) {
      throw new ReplicationError('server-exists', { server: name });
    }
    const fingerprint = options.fingerprint ?? (await confirmFingerprint(name, host, port));
    const added = registry.add({ name, address: formatAddress({ host, port }), fingerprint });
    if (options.fingerprint !== undefined) await compareFingerprint(registry, added);
    process.stdout.write(`Added ${added.name} (${formatAddress(added)}).\n`);
  });
}

/** A wrong fingerprint is told now and not kept; a server that does not answer yet may be added: it is compared at the first login. */
async function compareFingerprint(registry: Registry, added: RegisteredServer): Promise<void> {
  const found = await probe(added.host, added.port).catch(() => null);
  if (found === null || found.fingerprint === added.fingerprint) return;
  registry.remove(added.name);
  const details = { host: added.host, port: added.port, expected: added.fingerprint, found: found.fingerprint };
  throw new ReplicationError('fingerprint-mismatch', details);
}

async function confirmFingerprint(name: string, host: string, port: number): Promise<string> {
  const found = await probe(host, port);
  process.stdout.write(
    `${formatAddress({ host, port })} is ${found.name}, Understudy ${found.version}.\nFingerprint ${found.fingerprint}\n`,
  );
  if (!process.stdin.isTTY) {
    const command = `understudy server add ${name} ${formatAddress({ host, port })} --fingerprint ${found.fingerprint}`;
    throw new ReplicationError('bad-input', {
      text: `a person has to compare the fingerprint with the one that the server printed; then run: ${command}`,
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Is this what the server itself printed at its start? [y/N] ');
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new ReplicationError('bad-input', { text: 'the fingerprint was not confirmed' });
  return found.fingerprint;
}

async function list(options: { json?: boolean }): Promise<void> {
  await withRegistry((registry) => {
    const servers = registry.list();
    if (options.json) return process.stdout.write(`${JSON.stringify(servers)}\n`);
    if (servers.length === 0)
      return process.stdout.write('No server is known. Add one with: understudy server add NAME HOST:PORT\n');
    const width = Math.max(...servers.map(({ name }) => name.length));
    const addressWidth = Math.max(...servers.map((server) => formatAddress(server).length));
    for (const server of servers) {
      process.stdout.write(
        `${server.name.padEnd(width)}  ${formatAddress(server).padEnd(addressWidth)}  ${server.fingerprint}\n`,
      );
    }
    return true;
  });
}

async function remove(name: string): Promise<void> {
  await withRegistry((registry) => process.stdout.write(`Removed ${registry.remove(name).name}.\n`));
}

async function storeLogin(name: string, { user }: { user: string }): Promise<void> {
  await withRegistry(async (registry) => {
    const server = registry.find(name);
    const password = await readPassword(`Password of ${user} on ${server.name}: `);
    const session = await openControlSession(server);
    try {
      await session.call('session.login', { user, password });
    } finally {
      session.close();
    }
    registry.storeLogin(server.name, { user, password });
    process.stdout.write(`Stored the login of ${user} on ${server.name}.\n`);
  });
}

async function forgetLogin(name: string): Promise<void> {
  await withRegistry((registry) => {
    registry.forgetLogin(name);
    return process.stdout.write(`Forgot the login for ${name}.\n`);
  });
}

async function withRegistry(use: (registry: Registry) => unknown): Promise<void> {
  const home = consoleHome();
  const registry = openRegistry(home, { box: fileSecretBox(home) });
  try {
    await use(registry);
  } finally {
    registry.close();
  }
}
