import type { Halt } from '../../../api/index.ts';
import { ReplicationError } from '../../../base/index.ts';
import type { SourceStages } from './assemble-source.ts';
import { haltFor } from './halts.ts';
import type { RootMemory } from './root-memory.ts';
import type { Watching } from './watching.ts';

export interface HaltingParts {
  readonly stages: Pick<SourceStages, 'guard' | 'queue' | 'roots' | 'transfers'>;
  readonly rootMemory: RootMemory;
  readonly watching: Watching;
  readonly wake: () => void;
  readonly event: (severity: 'info' | 'warning' | 'error', text: string) => void;
}

/** A connection that stands still because its source is not what it was, until that is over or a person has answered. */
export class Halting {
  readonly #parts: HaltingParts;
  #halt: Halt | null = null;

  constructor(parts: HaltingParts) {
    this.#parts = parts;
  }

  /** The question, while it halts. */
  get current(): Halt | null {
    return this.#halt;
  }

  get isHalted(): boolean {
    return this.#halt !== null;
  }

  /** Whether it had to halt: `check` threw what only a person can judge. */
  haltIf(check: () => void): boolean {
    try {
      check();
      return false;
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error;
      this.haltWith(error);
      return true;
    }
  }

  /** A root may be gone. */
  checkRoots(): void {
    if (this.haltIf(() => this.#parts.stages.roots.checkAll())) return;
    // Gone and back before anyone looked: the watches are on what went.
    this.#parts.watching.anew();
  }

  haltWith(error: ReplicationError): void {
    if (this.#halt !== null) return;
    const { stages, watching, wake, event } = this.#parts;
    this.#halt = haltFor(error.code, error.details, new Date().toISOString());
    // What waits may be the deletion of everything: it is forgotten, and found again by comparing once a person has answered.
    stages.queue.clear();
    stages.transfers.clear();
    stages.guard.dropHeld();
    watching.suspend();
    event('error', `${this.#halt.cause} ${this.#halt.effect} ${this.#halt.nextStep}`);
    wake();
  }

  /** To be called now and then: a source that only went away for a while lets it go on by itself. */
  lookForRoots(): void {
    if (this.#halt?.code === 'source-vanished' && this.#parts.stages.roots.areHere()) this.#goOn('The source folder is back.');
  }

  answer(answer: string): void {
    if (this.#halt === null) return; // the cause went away while the person answered
    const { stages, rootMemory, event } = this.#parts;
    if (answer === 'accept' && this.#halt.code === 'mass-change') stages.guard.accept();
    else if (answer === 'accept') rootMemory.remember();
    else if (this.#halt.code === 'source-vanished' && !stages.roots.areHere()) {
      event('warning', `${this.#halt.cause} It was looked for again and is still not there. ${this.#halt.nextStep}`);
      return;
    }
    this.#goOn('A person answered.');
  }

  #goOn(why: string): void {
    this.#parts.rootMemory.adoptRenumbered();
    this.#halt = null;
    this.#parts.event('info', `${why} The disk is compared with what the target has, and replication goes on.`);
    this.#parts.watching.restart();
  }
}
