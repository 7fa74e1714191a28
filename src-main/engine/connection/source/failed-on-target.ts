import { ReplicationError } from '../../../base/index.ts';
import { parentPath, type Place } from '../../model/index.ts';
import type { TargetMessage } from '../../wire/index.ts';
import type { SourceStages } from './assemble-source.ts';

/** How often what the target could not apply is sent again before only a new change or a mirror tries. */
const MOST_RETRIES = 3;
/** A place where nothing failed for so long begins anew. */
const FORGET_MS = 60_000;
const MOST_KEPT = 10_000;

interface Tried {
  readonly count: number;
  /** The op that failed last: it is told of again with each new link. */
  readonly sequence: number;
  readonly atMs: number;
}

/** What becomes of ops that the target could not apply: what the catalog says of them is put in doubt, and they are sent again or listed. */
export class FailedOnTarget {
  readonly #stages: Pick<SourceStages, 'catalog' | 'roots' | 'queue' | 'problems' | 'nowhere'>;
  readonly #nowMs: () => number;
  readonly #tried = new Map<string, Tried>();

  constructor(
    stages: Pick<SourceStages, 'catalog' | 'roots' | 'queue' | 'problems' | 'nowhere'>,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#stages = stages;
    this.#nowMs = nowMs;
  }

  heard(message: TargetMessage & { kind: 'failed' }): void {
    const { catalog, roots, queue, problems, nowhere } = this.#stages;
    const place: Place = { root: message.root, path: message.path };
    const isLacking = message.code === 'missing-on-target' || message.code === 'changed-on-target';
    // What is missing may be the folder around it.
    const parent = { root: place.root, path: parentPath(place.path) };
    const row = catalog.lookup(place);
    const parentRow = catalog.lookup(parent);
    if (row !== null) catalog.doubtTree(row);
    if (isLacking && parentRow !== null) catalog.doubt(parentRow, 'nothing');
    const path = roots.absolute(place);
    // Nothing is meant to be where the catalog has nothing, and the target can be told so, whatever failed there: the old name of an entry that could not be moved.
    if ((isLacking || row === null) && this.#count(path, message.sequence) <= MOST_RETRIES) {
      if (row === null) nowhere.note(place);
      queue.examine(parent, { content: true, deep: false, isSettled: true }, Date.now());
      queue.examine(place, { content: true, deep: true, isSettled: true }, Date.now());
    } else if (row !== null && row.sequence > message.sequence) {
      // A newer op for this place was sent before we heard: it may have passed, and nobody would tell. What is sent now tells.
      queue.examine(place, { content: true, deep: true, isSettled: true }, Date.now());
    } else problems.note(path, new ReplicationError(message.code, { ...message.details, where: 'target' }));
  }

  /** How often something failed there of late. */
  #count(path: string, sequence: number): number {
    const now = this.#nowMs();
    const last = this.#tried.get(path);
    if (last?.sequence === sequence) return last.count;
    const count = last === undefined || now - last.atMs > FORGET_MS ? 1 : last.count + 1;
    if (this.#tried.size > MOST_KEPT) this.#tried.clear();
    this.#tried.set(path, { count, sequence, atMs: now });
    return count;
  }
}
