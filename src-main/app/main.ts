/**
 * The desktop program's composition root: gives the shell the real Electron, and the console with its embedded service. Nothing imports
 * this room. See README.md.
 */
import * as electron from 'electron';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../base/index.ts';
import { consoleHome, fileSecretBox, openConsole } from '../console/index.ts';
import { toCallError } from '../control/index.ts';
import { createLog, PROGRAM_VERSION, startEmbeddedService } from '../service/index.ts';
import { Shell, type OpenConsole } from './shell.ts';
import { systemSecretBox } from './system-secret-box.ts';

async function openEmbeddedConsole(home: string, log: Log): Promise<OpenConsole> {
  const embedded = await startEmbeddedService({ dataDir: join(home, 'service'), user: userInfo().username });
  for (const note of embedded.notes) log.info(note);
  const keyFile = join(home, 'system.key');
  const box = await systemSecretBox(electron.safeStorage, { platform: process.platform, keyFile, log });
  const console = openConsole({
    home,
    shell: 'electron',
    version: PROGRAM_VERSION,
    box: box ?? fileSecretBox(home),
    embedded: { session: embedded.session, controlAddress: embedded.service.info.controlAddress },
    log,
  });
  return {
    invoke: (call, input) => console.invoke(call, input),
    subscribe: (listener) => console.subscribe(listener),
    close: async () => {
      await console.close();
      await embedded.close();
    },
  };
}

const home = consoleHome();
const log = createLog(join(home, 'logs'), { isVerbose: false });
// Built as `dist/main/app.js`, from a checkout and in a package alike.
const distFolder = join(import.meta.dirname, '..');
const shell = new Shell({
  electron,
  platform: process.platform,
  distFolder,
  resourcesFolder: electron.app.isPackaged ? process.resourcesPath : join(distFolder, '../resources'),
  openConsole: () => openEmbeddedConsole(home, log),
  toCallError,
  log,
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    electron.app.quit();
  });
}
// Not awaited here: Electron becomes ready only after this module has been evaluated, so waiting for that would never end.
shell.start().catch((error: unknown) => {
  log.error('the shell did not start', { error });
  electron.app.exit(1);
});
