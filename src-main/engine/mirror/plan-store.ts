import { rmSync } from 'node:fs';
import type { PlanAction, PlanEntry, PlanPage, PlanSummary } from '../../api/index.ts';
import { LinesWriter, linesOf, ReplicationError } from '../../base/index.ts';
import { RunRecords } from '../../config/index.ts';

/** Of each action more entries are counted and not listed. */
const MOST_LISTED = 100_000;
/** The name of the file with a plan's entries, behind its id. */
const ENTRIES = 'plan.jsonl';

/** The finished plans in a connection's folder. */
export function plansIn(folder: string): RunRecords<PlanSummary> {
  return new RunRecords(folder, { mostKept: 10, what: 'the plan' });
}

/** What is known of a plan before it begins. */
export type PlanHead = Pick<
  PlanSummary,
  'id' | 'connectionId' | 'setName' | 'sourceName' | 'targetName' | 'roots' | 'options' | 'startedBy' | 'startedAt'
>;
/** What is known when it is over. */
export type PlanEnd = Omit<PlanSummary, keyof PlanHead>;

/** Where the deletions of a plan wait until all moves are known. */
export function scratchFile(folder: string, id: string): string {
  return plansIn(folder).file(id, 'scratch');
}

/** Writes one plan as it grows. Its summary appears last and whole: a plan without one was interrupted, and is none. */
export class PlanWriter {
  readonly #plans: RunRecords<PlanSummary>;
  readonly #head: PlanHead;
  readonly #lines: LinesWriter;
  readonly #listed = new Map<PlanAction, number>();

  constructor(folder: string, head: PlanHead) {
    this.#plans = plansIn(folder);
    this.#head = head;
    this.#plans.makeFolder();
    this.#lines = new LinesWriter(this.#plans.file(head.id, ENTRIES));
  }

  /** Whether one more entry of that action is listed. */
  lists(action: PlanAction): boolean {
    return action !== 'keep' && (this.#listed.get(action) ?? 0) < MOST_LISTED;
  }

  add({ action, path, kind, bytes, reason }: PlanEntry): void {
    if (!this.lists(action)) return;
    this.#listed.set(action, (this.#listed.get(action) ?? 0) + 1);
    // The action first: a page of one action need not parse the others.
    this.#lines.write({ action, path, kind, bytes, reason });
  }

  finish(end: PlanEnd): PlanSummary {
    this.#lines.finish();
    const summary: PlanSummary = { ...this.#head, ...end };
    this.#plans.finish(summary);
    return summary;
  }

  /** Drops what was written. */
  abandon(): void {
    this.#lines.close();
    rmSync(this.#plans.file(this.#head.id, ENTRIES), { force: true });
  }
}

/** A part of a plan, read as a stream. `id` null: the newest. Rejects with `not-found` or `damaged-data`. */
export async function readPlan(
  folder: string,
  request: { readonly id: string | null; readonly action: PlanAction | null; readonly offset: number; readonly limit: number },
): Promise<PlanPage> {
  const { id, action, offset, limit } = request;
  const plans = plansIn(folder);
  const summary = plans.get(id);
  const path = plans.file(summary.id, ENTRIES);
  const begin = action === null ? '{' : `{"action":"${action}",`;
  const entries: PlanEntry[] = [];
  let listed = 0;
  try {
    for await (const line of linesOf(path)) {
      if (!line.startsWith(begin)) continue;
      if (listed >= offset && entries.length < limit) entries.push(JSON.parse(line) as PlanEntry);
      listed++;
    }
  } catch (error) {
    throw new ReplicationError('damaged-data', { path, text: 'it cannot be read' }, { cause: error });
  }
  return { summary, offset, listed, entries };
}
