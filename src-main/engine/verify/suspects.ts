import { closeSync, createReadStream, openSync, rmSync, writeSync } from 'node:fs';
import { childPath, type Place } from '../model/index.ts';

const BUFFERED = 1_000;

/** Places of one folder that are to be looked at again. */
export interface SuspectFolder {
  readonly folder: Place;
  readonly names: readonly string[];
}

/** What looked different at the first look, on disk, so that a replica that lost everything does not fill the memory. One pass to write, one to read. */
export class Suspects {
  readonly #path: string;
  readonly #fd: number;
  #lines: string[] = [];
  #count = 0;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, 'w', 0o600);
  }

  get count(): number {
    return this.#count;
  }

  /** `folder` and `name` raw; best in the order of folders. */
  add(folder: Place, name: string): void {
    this.#count++;
    this.#lines.push(`${JSON.stringify([folder.root, folder.path, name])}\n`);
    if (this.#lines.length >= BUFFERED) this.#flush();
  }

  /** Neighbours of one folder together, at most `most` at once. */
  async *folders(most: number): AsyncGenerator<SuspectFolder> {
    this.#flush();
    let folder: Place | null = null;
    let names: string[] = [];
    let rest = '';
    for await (const chunk of createReadStream(this.#path, 'utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [root, path, name] = JSON.parse(line) as [number, string, string];
        if (folder !== null && (folder.root !== root || folder.path !== path || names.length >= most)) {
          yield { folder, names };
          names = [];
        }
        folder = { root, path };
        names.push(name);
      }
    }
    if (folder !== null && names.length > 0) yield { folder, names };
  }

  close(): void {
    closeSync(this.#fd);
    rmSync(this.#path, { force: true });
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    const bytes = Buffer.from(this.#lines.join(''), 'utf8');
    for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done);
    this.#lines = [];
  }
}

export function placeIn({ folder }: SuspectFolder, name: string): Place {
  return { root: folder.root, path: name === '' ? folder.path : childPath(folder.path, name) };
}
