import type { Cut, MirrorOptions, Park, Problem } from '../../../api/index.ts';
import { describeError, type ErrorCode, type ErrorDetails } from '../../../base/index.ts';
import type { Catalog } from '../../catalog/index.ts';

/** What follows when the connection comes back: a mirror, or nothing until somebody starts one. */
export type Remirror = MirrorOptions | 'none';

interface Stored {
  readonly since: string;
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly isPending: boolean;
  /** Somebody ordered the connection back; null while only a setting may bring it back. */
  readonly ordered: Remirror | null;
  /** It left because somebody ordered it; absent when it left by itself. */
  readonly park?: ParkedAt | undefined;
}

/** Who parked a connection and why, and what its replica is worth. */
export interface ParkedAt {
  readonly owner: string;
  readonly reason: string;
  /** Null: it had left its target before, without a cut. */
  readonly cut: Cut | null;
  readonly isComplete: boolean;
}

/**
 * A connection that gave up following the source, by itself or because it was parked: changes are no longer noticed, nothing waits, the link is closed.
 * joined → apart → (link up again) returning → joined with a mirror, or pending: back, but nothing is sent before somebody starts a mirror.
 * Kept through a restart.
 */
export class Disconnection {
  readonly #catalog: Catalog;
  #stored: Stored | null;
  #isReturning = false;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
    const text = catalog.fact('disconnected');
    this.#stored = text === null || text === '' ? null : (JSON.parse(text) as Stored);
  }

  get kind(): 'joined' | 'apart' | 'returning' | 'pending' {
    if (this.#stored === null) return 'joined';
    if (this.#stored.isPending) return 'pending';
    return this.#isReturning ? 'returning' : 'apart';
  }

  /** Whether changes are noted: else a mirror will find them. */
  get isFollowing(): boolean {
    return this.#stored === null;
  }

  get ordered(): Remirror | null {
    return this.#stored?.ordered ?? null;
  }

  begin(code: ErrorCode, details: ErrorDetails, now: string): void {
    this.#isReturning = false;
    this.#store({ since: now, code, details, isPending: false, ordered: null });
  }

  /** It leaves by order, or, when it had left already, stays away by order. */
  park(park: ParkedAt, now: string): void {
    this.#isReturning = false;
    const { owner, reason } = park;
    this.#store({ since: now, code: 'parked', details: { user: owner, text: reason }, isPending: false, ordered: null, park });
  }

  /** Where it is parked, until somebody orders it back. */
  get parked(): Extract<Park, { kind: 'parked' }> | null {
    if (this.#stored?.park === undefined || this.#stored.ordered !== null || this.#stored.isPending) return null;
    return { kind: 'parked', since: this.#stored.since, ...this.#stored.park };
  }

  get isParked(): boolean {
    return this.#stored?.park !== undefined;
  }

  /** Somebody wants the connection back. */
  order(remirror: Remirror): void {
    if (this.#stored !== null) this.#store({ ...this.#stored, ordered: remirror });
  }

  /** The link is up: changes will be noticed again. */
  returning(): void {
    this.#isReturning = true;
  }

  /** The link went again before changes were noticed. */
  notReturned(): void {
    this.#isReturning = false;
  }

  pending(): void {
    if (this.#stored !== null) this.#store({ ...this.#stored, isPending: true, ordered: null });
  }

  end(): void {
    this.#isReturning = false;
    this.#store(null);
  }

  problem(): Problem | null {
    if (this.#stored === null) return null;
    const { code, details, since, isPending, ordered } = this.#stored;
    const now = { pending: isPending, ordered: ordered !== null };
    return { code, path: null, since, ...describeError(code, { ...details, ...now }) };
  }

  #store(stored: Stored | null): void {
    this.#stored = stored;
    this.#catalog.setFact('disconnected', stored === null ? '' : JSON.stringify(stored));
    this.#catalog.commit();
  }
}
