import { Command } from 'commander';
import { resolve } from 'node:path';
import { parseVolume } from '../service/index.ts';
import { runWebConsole, USUAL_WEB_PORT } from '../web/index.ts';
import { parsePort } from './addresses.ts';
import { collect } from './collect.ts';
import { untilStopped } from './until-stopped.ts';

interface Options {
  port?: string;
  data?: string;
  volume: string[];
  verbose?: boolean;
}

/** `understudy console`: the Management Console for a browser on this machine, with a service inside. */
export function consoleCommand(): Command {
  return new Command('console')
    .description('Serve the Management Console to a browser on this machine, with a service of its own.')
    .option('--port <port>', `port on loopback (default ${USUAL_WEB_PORT}, or any free one if that is taken)`)
    .option('--data <dir>', 'data folder of the service inside (default: “service” in the user’s Understudy folder)')
    .option('--volume <letter=dir>', 'what a drive letter stands for, such as C=/srv/c; repeatable', collect, [])
    .option('--verbose', 'log to standard error too, with details')
    .action(async (options: Options) => {
      const say = (line: string) => void process.stdout.write(`${line}\n`);
      const { web, close } = await runWebConsole({
        port: options.port === undefined ? null : parsePort(options.port),
        dataDir: options.data === undefined ? null : resolve(options.data),
        volumes: options.volume.map(parseVolume),
        isVerbose: options.verbose ?? false,
        say,
      });
      const stopped = untilStopped();
      say(`Understudy Management Console: ${web.issueAddress()}`);
      if (process.stdin.isTTY) {
        say('The address works once. Enter gives a new one; Ctrl-C ends the console and the service inside it.');
        process.stdin.on('data', () => say(web.issueAddress()));
      }
      await stopped;
      process.stdin.pause();
      await close();
    });
}
