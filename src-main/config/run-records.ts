import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders, ReplicationError } from '../base/index.ts';
import { writeFileAtomic } from './atomic-file.ts';

const SUMMARY = '.summary.json';
/** Ids are made by `runId`; nothing else may become a part of a path. */
const ID = /^[0-9TZ-]+$/;

/** The id of a run that begins at `startedAt`: the time, in a form that is good in file names and sorts. */
export function runId(startedAt: string): string {
  return startedAt.replaceAll(':', '-').replace('.', '-');
}

export interface RunRecordsOptions {
  /** The oldest beyond so many go. */
  readonly mostKept: number;
  /** What one of them is called in a message. */
  readonly what: string;
}

/**
 * What finished runs left in one folder: a summary for each, and files beside it whose names begin with the same id. The summary is written
 * last and whole: a run without one was interrupted and left nothing that counts. One that is damaged counts as missing, which it is.
 */
export class RunRecords<S extends { readonly id: string }> {
  readonly #folder: string;
  readonly #options: RunRecordsOptions;

  constructor(folder: string, options: RunRecordsOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Where a file of a run lies. */
  file(id: string, ending: string): string {
    return join(this.#folder, `${id}.${ending}`);
  }

  /** To be called before a run writes its first file. */
  makeFolder(): void {
    makeFolders(this.#folder, 0o700);
  }

  /** The run is finished, and durably so when this returns. */
  finish(summary: S): void {
    writeFileAtomic(join(this.#folder, `${summary.id}${SUMMARY}`), `${JSON.stringify(summary)}\n`);
  }

  /** Newest first. */
  list(): readonly S[] {
    return this.#ids().flatMap((id) => this.#read(id) ?? []);
  }

  newest(): S | null {
    for (const id of this.#ids()) {
      const summary = this.#read(id);
      if (summary !== null) return summary;
    }
    return null;
  }

  /** `id` null: the newest. Throws `not-found`. */
  get(id: string | null): S {
    const summary = id === null ? this.newest() : ID.test(id) ? this.#read(id) : null;
    if (summary === null) throw new ReplicationError('not-found', { path: `${this.#options.what} ${id ?? ''}`.trim() });
    return summary;
  }

  /** Deletes one with its files. Throws `not-found`. */
  remove(id: string): void {
    const { id: known } = this.get(id);
    // Without its summary it counts no more, whatever becomes of the rest.
    rmSync(join(this.#folder, `${known}${SUMMARY}`));
    for (const name of namesIn(this.#folder)) if (name.startsWith(`${known}.`)) rmSync(join(this.#folder, name), { force: true });
  }

  /** Deletes the oldest beyond those that are kept, and what interrupted runs left. */
  tidy(): void {
    const kept = new Set(this.#ids().slice(0, this.#options.mostKept));
    for (const name of namesIn(this.#folder)) {
      if (!kept.has(name.slice(0, name.indexOf('.')))) rmSync(join(this.#folder, name), { force: true });
    }
  }

  #ids(): readonly string[] {
    return namesIn(this.#folder)
      .filter((name) => name.endsWith(SUMMARY))
      .map((name) => name.slice(0, -SUMMARY.length))
      .sort()
      .reverse();
  }

  #read(id: string): S | null {
    try {
      return JSON.parse(readFileSync(join(this.#folder, `${id}${SUMMARY}`), 'utf8')) as S;
    } catch {
      return null;
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was run yet
  }
}
