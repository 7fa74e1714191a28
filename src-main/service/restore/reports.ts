import { createHash } from 'node:crypto';
import type { RestoreReport, RestoreSnapshot } from '../../api/index.ts';
import { RunRecords } from '../../config/index.ts';

const MOST_KEPT = 200;

type Stored = RestoreSnapshot & { readonly sha256: string };

/** The reports of restores and drills that are over, each with a hash over it. */
export class RestoreReports {
  readonly #records: RunRecords<Stored>;

  constructor(folder: string) {
    this.#records = new RunRecords<Stored>(folder, { mostKept: MOST_KEPT, what: 'the restore' });
  }

  /** On disk when it returns. */
  keep(restore: RestoreSnapshot): void {
    this.#records.makeFolder();
    this.#records.finish({ ...restore, sha256: hashOf(restore) });
    this.#records.tidy();
  }

  has(id: string): boolean {
    return this.#records.list().some((report) => report.id === id);
  }

  /** Newest first. */
  list(): readonly RestoreSnapshot[] {
    return this.#records.list().map((stored) => split(stored).restore);
  }

  /** `id` null: the newest. Throws `not-found`. */
  get(id: string | null): RestoreReport {
    return split(this.#records.get(id));
  }
}

function split({ sha256, ...restore }: Stored): RestoreReport {
  return { restore, sha256, isIntact: hashOf(restore) === sha256 };
}

function hashOf(restore: RestoreSnapshot): string {
  return createHash('sha256').update(JSON.stringify(restore)).digest('hex');
}
