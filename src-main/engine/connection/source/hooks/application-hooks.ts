import type { ApplicationHooks as HooksSnapshot, ConnectionSettings, Cut, HookCycle, HookRun } from '../../../../api/index.ts';
import { BackOff, describeError, toReplicationError, type Log } from '../../../../base/index.ts';
import type { EngineEvent, ProgramReport } from '../../replicator-api.ts';
import { allEnded, type FreezeAnswer, type FreezeTurns, type Meeting, type Need } from './freeze-turns.ts';
import { OwedThaw } from './owed-thaw.ts';
import { runProgram } from './run-program.ts';

/** What a stop of the service waits for a thaw; one that takes longer is made up for at the next start. */
const CLOSE_MS = 20_000;
/** What it waits for a freeze that runs: nobody wants its cut any more, and the thaw is to have time. */
const CLOSE_FREEZE_MS = 5_000;
const NS_PER_MS = 1_000_000n;
const NOT_NEEDED = 'the application was let go: a connection that shared its rest needs it no more';

/** Whose hooks these are, for the environment of the programs. */
export interface HookFacts {
  readonly connectionId: string;
  readonly number: number;
  readonly setName: string;
  readonly sourceName: string;
  readonly targetName: string;
}

export interface HooksParts {
  readonly settings: () => ConnectionSettings['hooks'];
  readonly facts: HookFacts;
  /** Where it is noted that a thaw is owed. */
  readonly file: string;
  readonly turns: FreezeTurns;
  readonly answer: (barrier: number, answer: FreezeAnswer) => void;
  readonly event: (severity: EngineEvent['severity'], text: string) => void;
  readonly onProgram: (report: Omit<ProgramReport, 'connectionId'>) => void;
  readonly onChange: () => void;
  readonly log: Log;
  /** What `close` waits for a freeze that runs. */
  readonly closeFreezeMs?: number;
}

/** One request of the worker, from the freeze to the thaw. */
interface Barrier {
  readonly number: number;
  readonly why: HookCycle['for'];
  /** What the connection has in common with another one that needs the same rest; null when it needs it alone. */
  readonly shared: string | null;
  readonly end: (cut: Cut | null) => void;
  readonly ended: Promise<Cut | null>;
}

/**
 * Has the application stand still while a cut is made: runs the administrator's programs before and after it. Lives on the main thread, so
 * that a worker that breaks or hangs leaves nobody frozen; what a kill leaves is made up for at the next start. Whatever goes wrong, the thaw
 * is run, and tried again until it succeeds.
 */
export class ApplicationHooks {
  readonly #parts: HooksParts;
  readonly #owed: OwedThaw;
  readonly #closing = new AbortController();
  /** A freeze that runs is ended. */
  readonly #noFreeze = new AbortController();
  #chain: Promise<void> = Promise.resolve();
  #barrier: Barrier | null = null;
  #state: Exclude<HooksSnapshot['state'], 'off'> = 'ready';
  #since = new Date().toISOString();
  #last: HookCycle | null = null;

  constructor(parts: HooksParts) {
    this.#parts = {
      ...parts,
      event: this.#whatever(parts.event),
      onProgram: this.#whatever(parts.onProgram),
      onChange: this.#whatever(parts.onChange),
    };
    this.#owed = new OwedThaw(parts.file);
    const owed = this.#owed.read();
    if (owed === null) return;
    this.#chain = this.#makeUpFor(() => this.#owed.endLeftBehind(owed));
  }

  /** What is told goes to disk too, which may be full; an application must not stand still because of that. */
  #whatever<A extends readonly unknown[]>(tell: (...told: A) => void): (...told: A) => void {
    return (...told) => {
      try {
        tell(...told);
      } catch (error) {
        this.#parts.log.error('what became of a freeze or thaw could not be told', { error, told: JSON.stringify(told) });
      }
    };
  }

  snapshot(): HooksSnapshot {
    const { freeze, thaw } = this.#parts.settings();
    const isOff = freeze === null && thaw === null && this.#state === 'ready';
    return { state: isOff ? 'off' : this.#state, since: this.#since, last: this.#last };
  }

  /**
   * The worker wants to make a cut; it is answered, possibly never while others have the application. Ends with `thaw`. `shared`: another
   * connection with the same programs comes with the same word, and both cuts are made in one rest, which lasts until both have ended or one
   * needs it no more.
   */
  freeze(number: number, why: 'pause' | 'hold', shared: string | null): void {
    this.abandon();
    if (this.#closing.signal.aborted) return; // nobody would let it go on
    const { promise: ended, resolve: end } = Promise.withResolvers<Cut | null>();
    const barrier: Barrier = { number, why, shared, end, ended };
    this.#barrier = barrier;
    this.#chain = this.#chain.then(() => this.#cycle(barrier));
  }

  /** The cut is made, or nobody wants it any more. */
  thaw(number: number, cut: Cut | null): void {
    if (this.#barrier?.number !== number) return;
    this.#barrier.end(cut);
    this.#barrier = null;
  }

  /** Whoever wanted a cut is gone. */
  abandon(): void {
    this.#barrier?.end(null);
    this.#barrier = null;
  }

  /** Resolves when nothing stands still because of us, or after a while. */
  async close(): Promise<void> {
    this.abandon();
    this.#closing.abort();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    const freezeTimer = setTimeout(() => this.#noFreeze.abort(), this.#parts.closeFreezeMs ?? CLOSE_FREEZE_MS);
    await Promise.race([this.#chain, late]);
    clearTimeout(timer);
    clearTimeout(freezeTimer);
  }

  async #cycle(barrier: Barrier): Promise<void> {
    const { settings, turns, answer, event } = this.#parts;
    const program = settings().freeze;
    if (program === null) {
      answer(barrier.number, { isFrozen: false, why: 'no program to freeze the application is set' });
      return;
    }
    this.#setState('waiting');
    const own: Need = { answer: (told) => this.#answer(barrier, told), ended: barrier.ended };
    const meeting: Meeting = barrier.shared === null ? { role: 'alone' } : await turns.meet(barrier.shared, own);
    if (meeting.role === 'guest') {
      await this.#asGuest(barrier, meeting.over);
      return;
    }
    const needs = meeting.role === 'host' ? [own, meeting.guest] : [own];
    const lastBefore = this.#last;
    const endTurn = await turns.take(program);
    try {
      if (this.#barrier !== barrier) {
        tell(needs, { isFrozen: false, why: NOT_NEEDED });
        return; // nobody waits for it any more
      }
      this.#setState('freezing');
      const failure = await this.#note(null);
      if (failure !== null) {
        event('warning', `The application was not frozen, and the cut is made without that: ${failure}`);
        tell(needs, { isFrozen: false, why: `the application was not frozen: ${failure}` });
        return;
      }
      let noted: Promise<unknown> = Promise.resolve();
      const freeze = await this.#run('freeze', program, barrier.why, null, (group) => {
        noted = this.#note(group);
      });
      await noted;
      this.#last = { for: barrier.why, freeze, thaw: null, frozenMs: null, cut: null };
      if (freeze.outcome !== 'ok') {
        const follows = this.#barrier === barrier ? ', and the cut is made without that' : '';
        event('warning', `The application could not be frozen${follows}: ${freeze.text}`);
        tell(needs, { isFrozen: false, why: `the application could not be frozen: ${freeze.text}` });
        await this.#thaw(barrier.why, null, null);
        return;
      }
      const { cut, frozenMs } = await this.#stayFrozen(needs);
      await this.#thaw(barrier.why, cut, frozenMs);
    } finally {
      endTurn();
      if (meeting.role === 'host') meeting.end(this.#last === lastBefore ? null : this.#last);
      this.#setState('ready');
    }
  }

  /** The other connection runs the programs, and answers for both. */
  async #asGuest(barrier: Barrier, over: Promise<HookCycle | null>): Promise<void> {
    const cycle = await over;
    if (cycle !== null) this.#last = { ...cycle, cut: await Promise.race([barrier.ended, Promise.resolve(null)]) };
    this.#setState('ready');
  }

  #answer(barrier: Barrier, answer: FreezeAnswer): void {
    if (answer.isFrozen) this.#setState('frozen');
    if (this.#barrier === barrier) this.#parts.answer(barrier.number, answer);
  }

  async #stayFrozen(needs: readonly Need[]): Promise<{ cut: Cut | null; frozenMs: number }> {
    const { settings, event } = this.#parts;
    const limitMs = settings().frozenSeconds * 1000;
    const beganMs = performance.now();
    tell(needs, { isFrozen: true, untilNs: process.hrtime.bigint() + BigInt(limitMs) * NS_PER_MS });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, limitMs, 'late');
    });
    const outcome = await Promise.race([allEnded(needs), late]);
    clearTimeout(timer);
    const frozenMs = Math.round(performance.now() - beganMs);
    if (outcome !== 'late') {
      if (outcome === null) tell(needs, { isFrozen: false, why: NOT_NEEDED });
      return { cut: outcome, frozenMs };
    }
    const why = `the application was let go after ${settings().frozenSeconds} s, before the cut was made`;
    event('warning', `${why.charAt(0).toUpperCase()}${why.slice(1)}: changes from before it stood still were not sent yet.`);
    tell(needs, { isFrozen: false, why });
    return { cut: null, frozenMs };
  }

  /** Until it succeeds, or the service ends. */
  async #thaw(why: HookCycle['for'], cut: Cut | null, frozenMs: number | null): Promise<void> {
    const { settings, event } = this.#parts;
    const backOff = new BackOff({ firstMs: 1_000, mostMs: 30_000 });
    this.#setState('thawing');
    for (;;) {
      const program = settings().thaw;
      const thaw = program === null ? null : await this.#run('thaw', program, why, cut);
      this.#last = { for: why, freeze: this.#last?.freeze ?? null, thaw, frozenMs, cut };
      if (thaw === null || thaw.outcome === 'ok') {
        this.#owed.forget();
        if (frozenMs !== null) event('info', `The application stood still for ${frozenMs} ms${cutText(cut)}.`);
        return;
      }
      const inMs = backOff.next();
      event(
        'error',
        `The application may stand still: the program that lets it go on failed. ${thaw.text} It is tried again in ${Math.round(inMs / 1000)} s; look after the application.`,
      );
      this.#setState('thaw-failed');
      if (await this.#closesWithin(inMs)) return; // it stays noted for the next start
      this.#setState('thawing');
    }
  }

  async #makeUpFor(endLeftBehind: () => void): Promise<void> {
    const { settings, event } = this.#parts;
    endLeftBehind();
    event('warning', 'The service ended while the application was meant to stand still; it is let go on now.');
    this.#last = { for: 'restart', freeze: null, thaw: null, frozenMs: null, cut: null };
    const program = settings().freeze;
    const endTurn = program === null ? null : await this.#parts.turns.take(program);
    try {
      await this.#thaw('restart', null, null);
    } finally {
      endTurn?.();
      this.#setState('ready');
    }
  }

  async #run(
    purpose: 'freeze' | 'thaw',
    program: string,
    why: HookCycle['for'],
    cut: Cut | null,
    onStarted?: (group: number) => void,
  ): Promise<HookRun> {
    const { facts, settings, onProgram } = this.#parts;
    const run = await runProgram({
      program,
      limitMs: settings().timeoutSeconds * 1000,
      environment: environmentFor(facts, purpose, why, cut),
      ...(purpose === 'freeze' ? { signal: this.#noFreeze.signal } : {}),
      ...(onStarted === undefined ? {} : { onStarted }),
    });
    onProgram({ purpose, program, outcome: run.outcome, text: run.text });
    return run;
  }

  /** Null, or why it could not be noted. */
  async #note(processGroup: number | null): Promise<string | null> {
    try {
      await this.#owed.note(processGroup);
      return null;
    } catch (error) {
      const { code, details } = toReplicationError(error);
      const { cause } = describeError(code, details);
      return `it cannot be noted that it must go on: ${cause}`;
    }
  }

  async #closesWithin(ms: number): Promise<boolean> {
    const { signal } = this.#closing;
    if (!signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        const end = () => {
          clearTimeout(timer);
          resolve();
        };
        signal.addEventListener('abort', end, { once: true });
      });
    }
    return signal.aborted;
  }

  #setState(state: Exclude<HooksSnapshot['state'], 'off'>): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#since = new Date().toISOString();
    this.#parts.onChange();
  }
}

function tell(needs: readonly Need[], answer: FreezeAnswer): void {
  for (const need of needs) need.answer(answer);
}

/** Nothing of the service's own environment goes along but what every program needs. */
function environmentFor(facts: HookFacts, purpose: string, why: string, cut: Cut | null): Record<string, string> {
  const { PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME, LANG, TZ, TMPDIR } = process.env;
  const kept = Object.entries({ HOME, LANG, TZ, TMPDIR }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    PATH,
    ...(Object.fromEntries(kept) as Record<string, string>),
    UNDERSTUDY_PURPOSE: purpose,
    UNDERSTUDY_FOR: why,
    UNDERSTUDY_CONNECTION: facts.connectionId,
    UNDERSTUDY_CONNECTION_NUMBER: String(facts.number),
    UNDERSTUDY_SET: facts.setName,
    UNDERSTUDY_SOURCE: facts.sourceName,
    UNDERSTUDY_TARGET: facts.targetName,
    UNDERSTUDY_CUT: cut === null ? '' : String(cut.sequence),
    UNDERSTUDY_CUT_AT: cut?.at ?? '',
    UNDERSTUDY_CUT_LABEL: cut?.label ?? '',
  };
}

function cutText(cut: Cut | null): string {
  return cut === null ? '; no cut was made meanwhile' : `; the cut at operation ${cut.sequence} is ${cut.label}`;
}
