import { makeFolders, ReplicationError } from '../base/index.ts';
import { consoleHome, fileSecretBox, openRegistry } from '../console/index.ts';
import { RegistryHost } from './dtcl-host.ts';

/** Logs in on these servers with the logins that are stored, and closes all lines afterwards. Rejects with `wrong-password`, `no-stored-login`. */
export async function withLogins(names: readonly string[], work: (host: RegistryHost) => Promise<void>): Promise<void> {
  const home = consoleHome();
  makeFolders(home, 0o700);
  const host = new RegistryHost(openRegistry(home, { box: fileSecretBox(home) }), () => Promise.resolve(null));
  try {
    for (const name of names)
      if (!host.isLoggedIn(name) && (await host.login(name, 'stored')) === 0)
        throw new ReplicationError('wrong-password', { server: name });
    await work(host);
  } finally {
    host.close();
  }
}
