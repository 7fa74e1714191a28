import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DriftEntry, ReplicaDrift } from '../../../api/index.ts';
import { makeFolders, showName } from '../../../base/index.ts';
import { statEntry } from '../../fs/index.ts';
import type { AbsolutePath, EntryStat } from '../../model/index.ts';
import type { ExpectedFile, WireOp } from '../../wire/index.ts';

/** More are counted and not listed. */
const MOST_KEPT = 1_000;
const MOST_SHOWN = 100;
/** Some file systems keep times in steps of so many nanoseconds. */
const TIME_STEPS_NS = [1_000_000_000n, 1_000n, 100n];

export interface DriftWatchOptions {
  /** Lines of JSON; made when there is something to keep. */
  readonly file: string;
  /** Told when the list begins. */
  readonly onFirst: (entry: DriftEntry) => void;
}

/**
 * Files of the replica that somebody else changed or removed, found when an op is about to replace or remove them: the op brings what the
 * source believes to be there. The op is carried out all the same. Kept until a person accepts; what nobody touches on the source is
 * found by a verification only.
 */
export class DriftWatch {
  readonly #options: DriftWatchOptions;
  #list: DriftEntry[] = [];
  #count = 0;

  constructor(options: DriftWatchOptions) {
    this.#options = options;
    for (const entry of readEntries(options.file)) this.#add(entry);
  }

  /** The newest hundred, newest first. */
  get drift(): ReplicaDrift {
    return { count: this.#count, newest: this.#list.slice(-MOST_SHOWN).reverse() };
  }

  /** Looks before an op is applied that was not applied before. `placeOf` gives the path, or throws when there is no way to it. */
  before(op: WireOp, placeOf: (root: number, path: string) => AbsolutePath): void {
    if (op.kind !== 'write' && op.kind !== 'write-stream' && op.kind !== 'patch-stream' && op.kind !== 'remove') return;
    // What is deleted on the source and kept here is not touched.
    if (op.kind === 'remove' && op.isKept) return;
    const { expects } = op;
    if (expects === undefined) return;
    let path: AbsolutePath;
    let found: EntryStat | null;
    try {
      path = placeOf(op.root, op.path);
      found = statEntry(path);
    } catch {
      return; // the op itself will fail, and that is told
    }
    if (isAsExpected(found, expects)) return;
    this.#note({
      path: showName(path),
      at: new Date().toISOString(),
      what: found === null ? 'missing' : 'changed',
      expected: describe(expects),
      found: found === null ? null : describe(found),
      then: op.kind === 'remove' ? 'removed' : 'replaced',
    });
  }

  /** A person has seen the list: it begins anew. */
  accept(): void {
    this.#list = [];
    this.#count = 0;
    rmSync(this.#options.file, { force: true });
  }

  #note(entry: DriftEntry): void {
    if (this.#count === 0) this.#options.onFirst(entry);
    this.#add(entry);
    if (this.#count > MOST_KEPT) return;
    makeFolders(dirname(this.#options.file), 0o700);
    appendFileSync(this.#options.file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  }

  #add(entry: DriftEntry): void {
    this.#count++;
    this.#list.push(entry);
    if (this.#list.length > MOST_KEPT) this.#list.shift();
  }
}

function isAsExpected(found: EntryStat | null, expects: ExpectedFile): boolean {
  if (found?.kind !== 'file' || found.size !== expects.size) return false;
  if (found.mtimeNs === expects.mtimeNs) return true;
  return TIME_STEPS_NS.some((step) => found.mtimeNs % step === 0n && found.mtimeNs / step === expects.mtimeNs / step);
}

function describe({ size, mtimeNs }: ExpectedFile): { size: number; modified: string } {
  return { size, modified: new Date(Number(mtimeNs / 1_000_000n)).toISOString() };
}

/** A line that was cut off by a crash is left out. */
function readEntries(file: string): DriftEntry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as DriftEntry];
    } catch {
      return [];
    }
  });
}
