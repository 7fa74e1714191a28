import { pino, stdTimeFunctions } from 'pino';
import type { Facts, Log } from '../base/index.ts';
import { RotatingFile } from './log-file.ts';

/** The service's structured log: JSON lines in `folder`, and on stderr too when `isVerbose`. */
export function createLog(folder: string, { isVerbose }: { isVerbose: boolean }): Log & { close(): void } {
  const file = new RotatingFile(folder);
  let isOpen = true;
  /** False while the disk takes nothing: no work is to fail because it cannot be told of. The line goes to stderr then. */
  const kept = (line: string): boolean => {
    try {
      file.write(line);
      return true;
    } catch {
      return false;
    }
  };
  const sink = {
    write(line: string) {
      const isKept = isOpen && kept(line);
      if (isVerbose || (isOpen && !isKept)) process.stderr.write(line);
    },
  };
  const logger = pino({ level: isVerbose ? 'debug' : 'info', timestamp: stdTimeFunctions.isoTime, base: null }, sink);
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, facts: Facts = {}) => {
      // pino spells out an error under `err` only, with its stack and causes.
      const { error, ...rest } = facts;
      logger[level](error === undefined ? rest : { ...rest, err: error }, message);
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    close: () => {
      isOpen = false;
      file.close();
    },
  };
}
