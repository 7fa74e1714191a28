import { Command } from 'commander';
import { resolve } from 'node:path';
import { formatAddress } from '../control/index.ts';
import { DEFAULT_CONTROL_PORT, DEFAULT_DATA_PORT, parseVolume, startService, type ServiceOptions } from '../service/index.ts';
import { collectGarbageOfStart, keepHeapsLean } from './lean-heap.ts';
import { parseListenAddress } from './addresses.ts';
import { collect } from './collect.ts';
import { untilStopped } from './until-stopped.ts';

/** A service exists to be reached by consoles and by its sources; see service/README.md for why that is safe. */
const EVERY_ADDRESS = '0.0.0.0';

interface Options {
  data: string;
  control?: string;
  dataPort?: string;
  volume: string[];
  name?: string;
  verbose?: boolean;
}

/** `understudy service`: runs until SIGTERM or SIGINT; prints one JSON line when it is ready. */
export function serviceCommand(): Command {
  return new Command('service')
    .description('Run a service on its data folder until SIGTERM or SIGINT.')
    .requiredOption('--data <dir>', 'the data folder, made by “understudy init”')
    .option(
      '--control <host:port>',
      `where consoles and scripts reach it (default ${EVERY_ADDRESS}:${DEFAULT_CONTROL_PORT}; port 0: any free one)`,
    )
    .option(
      '--data-port <host:port>',
      `where its sources reach it (default ${EVERY_ADDRESS}:${DEFAULT_DATA_PORT}; port 0: any free one)`,
    )
    .option('--volume <letter=dir>', 'what a drive letter stands for, such as C=/srv/c; repeatable', collect, [])
    .option('--name <name>', 'name of this server for this run')
    .option('--verbose', 'log to standard error too, with details')
    .action(async (options: Options) => {
      keepHeapsLean();
      collectGarbageOfStart();
      const service = await startService(serviceOptions(options));
      const { control, data, info } = service;
      const ready = { ready: true, control: formatAddress(control), data: formatAddress(data), fingerprint: info.fingerprint };
      const stopped = untilStopped();
      process.stdout.write(`${JSON.stringify(ready)}\n`);
      const signal = await stopped;
      service.log.info('stopping', { signal });
      await service.close();
      // All is on disk. Where this is left to Node it waits for what may never end: its clean-up of handles was seen to spin for a quarter of an hour.
      process.exit();
    });
}

function serviceOptions(options: Options): ServiceOptions {
  const standard = (port: number) => ({ host: EVERY_ADDRESS, port });
  return {
    dataDir: resolve(options.data),
    control: parseListenAddress(options.control, standard(DEFAULT_CONTROL_PORT)),
    data: parseListenAddress(options.dataPort, standard(DEFAULT_DATA_PORT)),
    volumes: options.volume.map(parseVolume),
    isVerbose: options.verbose ?? false,
    ...(options.name === undefined ? {} : { name: options.name }),
  };
}
