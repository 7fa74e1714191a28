import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { VerifyDifference, VerifySummary } from '../../api/index.ts';
import { LinesWriter } from '../../base/index.ts';
import { reportFiles, reportsIn } from './report-store.ts';

/** More differences are counted and not listed. */
export const MOST_LISTED = 100_000;

/** What is known of a verification before it begins. */
export type ReportHead = Pick<
  VerifySummary,
  'id' | 'connectionId' | 'setName' | 'sourceName' | 'targetName' | 'roots' | 'options' | 'startedBy' | 'startedAt'
>;
/** What is known when it is over. */
export type ReportEnd = Omit<VerifySummary, keyof ReportHead | 'sha256' | 'differences'>;

/**
 * Writes one report as it grows: a line of JSON for the head, one for each difference, one for the end, and one with the SHA-256 over
 * all bytes before it. The summary beside it appears last and whole: a report without one was interrupted, and is no report.
 */
export class ReportWriter {
  readonly #folder: string;
  readonly #head: ReportHead;
  readonly #lines: LinesWriter;
  readonly #hash = createHash('sha256');
  #differences = 0;

  constructor(folder: string, head: ReportHead) {
    this.#folder = folder;
    this.#head = head;
    reportsIn(folder).makeFolder();
    this.#lines = new LinesWriter(reportFiles(folder, head.id).report, (bytes) => this.#hash.update(bytes));
    this.#lines.write({ format: 'understudy verification report', version: 1, ...head });
  }

  get differences(): number {
    return this.#differences;
  }

  add(difference: VerifyDifference): void {
    this.#differences++;
    if (this.#differences <= MOST_LISTED) this.#lines.write({ difference });
  }

  /** Makes the report durable, then its summary. */
  finish(end: ReportEnd): VerifySummary {
    const body = { ...end, differences: this.#differences };
    this.#lines.write(body);
    this.#lines.flush();
    const sha256 = this.#hash.copy().digest('hex');
    this.#lines.write({ sha256 });
    this.#lines.finish();
    const summary: VerifySummary = { ...this.#head, ...body, sha256 };
    reportsIn(this.#folder).finish(summary);
    return summary;
  }

  /** Drops what was written; nothing of this report is kept. */
  abandon(): void {
    this.#lines.close();
    rmSync(reportFiles(this.#folder, this.#head.id).report, { force: true });
  }
}
