import { closeSync, createReadStream, fsyncSync, openSync, writeSync } from 'node:fs';
import { ReplicationError } from './errors.ts';

const BUFFER_BYTES = 64 * 1024;

/** Writes a new file of JSON lines as it grows. Throws the system's errors. */
export class LinesWriter {
  readonly #fd: number;
  readonly #onBytes: ((bytes: Uint8Array) => void) | undefined;
  #buffer: string[] = [];
  #bufferedBytes = 0;

  /** `onBytes` sees all that is written, in order. */
  constructor(path: string, onBytes?: (bytes: Uint8Array) => void) {
    this.#fd = openSync(path, 'wx', 0o600);
    this.#onBytes = onBytes;
  }

  write(value: object): void {
    const line = `${JSON.stringify(value)}\n`;
    this.#buffer.push(line);
    this.#bufferedBytes += line.length;
    if (this.#bufferedBytes >= BUFFER_BYTES) this.flush();
  }

  flush(): void {
    const bytes = Buffer.from(this.#buffer.join(''), 'utf8');
    this.#buffer = [];
    this.#bufferedBytes = 0;
    this.#onBytes?.(bytes);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done);
  }

  /** Makes it durable and closes it. */
  finish(): void {
    this.flush();
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }

  /** What was not yet written is dropped. */
  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * The lines of a file as a stream. Only the line feed ends one: names may hold the other characters that editors break lines at. Rejects with
 * `damaged-data` for a line much longer than `mostLength`, and with the system's errors.
 */
export async function* linesOf(path: string, mostLength = Infinity): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > mostLength) throw new ReplicationError('damaged-data', { path, text: 'a line of it is too long' });
    yield* lines;
  }
  if (rest !== '') yield rest;
}
