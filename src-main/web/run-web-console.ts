import { userInfo } from 'node:os';
import { join } from 'node:path';
import { ReplicationError } from '../base/index.ts';
import { consoleHome, fileSecretBox, openConsole } from '../console/index.ts';
import { formatAddress } from '../control/index.ts';
import { PROGRAM_VERSION, startEmbeddedService, type ServiceOptions } from '../service/index.ts';
import { builtRendererFolder } from './renderer-folder.ts';
import { startWebServer, USUAL_WEB_PORT, type WebServer } from './web-server.ts';

export interface WebConsoleOptions {
  /** Null: the usual one, or any free one if that is taken. */
  readonly port: number | null;
  /** Folder of the embedded service; null: `service` in the user's Understudy folder. */
  readonly dataDir: string | null;
  readonly volumes: NonNullable<ServiceOptions['volumes']>;
  readonly isVerbose: boolean;
  readonly say: (line: string) => void;
}

/** Starts the embedded service, the console over it and its server for a browser. The caller closes it. */
export async function runWebConsole(options: WebConsoleOptions): Promise<{ web: WebServer; close: () => Promise<void> }> {
  const { say, volumes, isVerbose } = options;
  const rendererFolder = builtRendererFolder();
  const home = consoleHome();
  const dataDir = options.dataDir ?? join(home, 'service');
  const embedded = await startEmbeddedService({ dataDir, user: userInfo().username, volumes, isVerbose });
  for (const note of embedded.notes) say(note);
  const { log, control } = embedded.service;
  const console = openConsole({
    home,
    shell: 'browser',
    version: PROGRAM_VERSION,
    box: fileSecretBox(home),
    embedded: { session: embedded.session, controlAddress: formatAddress(control) },
    log,
  });
  const close = async () => {
    await console.close();
    await embedded.close();
  };
  try {
    const web = await startOnPort(options.port, say, (port) => startWebServer({ port, rendererFolder, console, log }));
    embedded.service.announce(`http://127.0.0.1:${web.port}/`);
    return {
      web,
      close: async () => {
        await web.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startOnPort(
  wanted: number | null,
  say: (line: string) => void,
  start: (port: number) => Promise<WebServer>,
): Promise<WebServer> {
  if (wanted !== null) return start(wanted);
  try {
    return await start(USUAL_WEB_PORT);
  } catch (error) {
    if (!(error instanceof ReplicationError) || error.code !== 'port-in-use') throw error;
    const web = await start(0);
    say(`Console port ${USUAL_WEB_PORT} is taken; using ${web.port}.`);
    return web;
  }
}
