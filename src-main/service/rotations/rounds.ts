import type { ConnectionSnapshot, RotationRun } from '../../api/index.ts';
import { describeError, toReplicationError } from '../../base/index.ts';
import { decideDue, SMALL_STEP_BACK_MS, type Due } from './due.ts';
import type { RotationsOptions } from './rotations.ts';
import { StepTimes } from './step-times.ts';
import type { StoredRotation, StoredSwitch } from './stored.ts';
import { advance, giveUp, isSameCut, ownerOf, type Progress, type SwitchParts } from './switching.ts';
import type { timesOf } from './times.ts';

const MOST_RUNS = 100;

/**
 * Looks after all rotations, one look at a time: begins what is due, takes switches from step to step, and sees to it that one slot at most
 * follows the source while none is being switched in.
 */
export class Rounds {
  readonly #options: RotationsOptions;
  readonly #times: ReturnType<typeof timesOf>;
  readonly #steps = new StepTimes();
  readonly #problems = new Map<string, string>();
  /** What was told of a start that waits. */
  readonly #told = new Map<string, string>();
  #isAsked = false;
  #looking: Promise<void> | null = null;

  constructor(options: RotationsOptions, times: ReturnType<typeof timesOf>) {
    this.#options = options;
    this.#times = times;
  }

  /** A second has passed. */
  tick(): void {
    this.#steps.tick();
    this.look();
  }

  /** Connections changed: a switch may go on. */
  connectionsChanged(): void {
    if (this.#options.file.value.rotations.some(({ running }) => running !== null)) this.look();
  }

  /** Looks now, or once more when the look under way has ended. */
  look(): void {
    this.#isAsked = true;
    if (this.#looking !== null) return;
    this.#looking = this.#lookWhileAsked().finally(() => {
      this.#looking = null;
      if (this.#isAsked) this.look(); // asked for between the last look and now
    });
  }

  async settled(): Promise<void> {
    while (this.#looking !== null) await this.#looking;
  }

  /** What holds up the switch of a rotation, for people; '' when nothing does. */
  problemOf(id: string): string {
    return this.#problems.get(id) ?? '';
  }

  /** The slot that follows the source: the one that is meant to, if it does; null when all are at rest. */
  liveOf(rotation: StoredRotation): string | null {
    const following = rotation.slots.filter(({ name }) => this.#connection(rotation, name)?.park === null);
    return (following.find(({ name }) => name === rotation.live) ?? following[0])?.name ?? null;
  }

  /** The rotation with a switch that begins now. */
  begun(rotation: StoredRotation, to: string, dueAt: string | null): StoredRotation {
    const from = this.liveOf(rotation);
    const mirror = this.#connection(rotation, to)?.mirror;
    const running: StoredSwitch = {
      from,
      to,
      order: rotation.order,
      step: from === null || rotation.order === 'safe' ? 'bringing' : 'parking',
      dueAt,
      begunAt: this.#now(),
      mirroredBefore: mirror?.kind === 'idle' ? mirror.lastCompletedAt : null,
      cut: null,
      isComplete: false,
      levelCut: null,
    };
    return { ...rotation, running };
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#isAsked) {
      this.#isAsked = false;
      for (const { id, name } of this.#options.file.value.rotations) {
        try {
          await this.#switch(id);
          await this.#due(id);
          // What has just begun need not wait for the next look.
          await this.#switch(id);
          await this.#keepOneLive(id);
        } catch (error) {
          // The disk takes nothing, or a connection ended under our hands: the next look begins from what is stored.
          this.#options.log.warn('a rotation could not be looked after', { rotation: name, error: String(error) });
        }
      }
    }
  }

  /** Takes the switch under way as far as it goes now. */
  async #switch(id: string): Promise<void> {
    for (;;) {
      const rotation = this.#find(id);
      const running = rotation?.running ?? null;
      if (rotation === undefined || running === null) {
        this.#steps.forget(id);
        this.#problems.delete(id);
        return;
      }
      const progress = await this.#advance(rotation, running);
      if (progress.kind === 'wait') {
        this.#steps.waited(id, progress);
        this.#heldUp(rotation, running, progress.problem);
        return;
      }
      if (progress.kind === 'go-on') {
        await this.#update(id, (old) => ({ ...old, running: { ...running, ...progress.change } }));
        if (progress.warning !== undefined) this.#warn(rotation, running, progress.warning);
        continue;
      }
      if (progress.kind === 'failed') await giveUp(rotation, running, this.#partsOf(rotation));
      await this.#end(rotation, running, progress);
    }
  }

  async #advance(rotation: StoredRotation, running: StoredSwitch): Promise<Progress> {
    const isOutOfTime = this.#steps.isOutOfTime(rotation.id, running.step);
    try {
      return await advance(rotation, running, isOutOfTime, this.#partsOf(rotation));
    } catch (error) {
      // Refused now, because something else goes on with the connection; the next look tries again.
      const { code, details } = toReplicationError(error);
      return { kind: 'wait', problem: describeError(code, details).cause };
    }
  }

  #heldUp(rotation: StoredRotation, running: StoredSwitch, problem: string): void {
    if (problem === this.problemOf(rotation.id)) return;
    this.#problems.set(rotation.id, problem);
    if (problem !== '') this.#warn(rotation, running, `the switch to “${running.to}” is held up. ${problem}`);
    this.#options.onChange();
  }

  #warn({ name, slots }: StoredRotation, { to }: StoredSwitch, text: string): void {
    const connectionId = slots.find((slot) => slot.name === to)?.connectionId ?? null;
    this.#options.tell('warning', `${ownerOf(name)}: ${text}`, connectionId);
  }

  async #end(rotation: StoredRotation, running: StoredSwitch, { kind, why }: Extract<Progress, { why: string }>): Promise<void> {
    const isDone = kind === 'done';
    const { from, to, dueAt, begunAt, cut, isComplete, levelCut } = running;
    const mirror = this.#connection(rotation, to)?.mirror;
    const result = mirror?.kind === 'idle' && mirror.lastCompletedAt !== running.mirroredBefore ? mirror.lastResult : undefined;
    const run: RotationRun = {
      ...{ from, to, dueAt, begunAt, cut, isComplete, levelCut, why },
      isSameCut: isSameCut(running),
      outcome: isDone ? 'done' : 'failed',
      endedAt: this.#now(),
      sentBytes: result?.sentBytes ?? null,
      skippedBytes: result?.skippedBytes ?? null,
    };
    // Where the old one has left, the new one is the one that follows, whatever stands against it now.
    const live = isDone || (running.order === 'quick' && running.step === 'bringing') ? to : from;
    this.#steps.forget(rotation.id);
    await this.#update(rotation.id, (old) => recorded({ ...old, live, running: null }, run));
    const connectionId = rotation.slots.find(({ name }) => name === to)?.connectionId ?? null;
    if (isDone) {
      const at = cut === null ? '' : ` “${from ?? ''}” is at rest as of ${cut.at} (${cut.label}). ${why}`.trimEnd();
      this.#options.tell('info', `${ownerOf(rotation.name)}: “${to}” follows the source now.${at}`, connectionId);
    } else this.#options.tell('error', `${ownerOf(rotation.name)}: the switch to “${to}” failed. ${why}`, connectionId);
  }

  async #due(id: string): Promise<void> {
    const rotation = this.#find(id);
    if (rotation === undefined) return;
    const nowMs = this.#options.clock.now();
    if (Date.parse(rotation.decidedUntil) > nowMs + SMALL_STEP_BACK_MS) {
      await this.#update(id, (old) => ({ ...old, decidedUntil: this.#now(), skip: null }));
      const text =
        'the clock was set back. What was due by the former time counts as done; the next start is by the present one.';
      this.#options.tell('warning', `${ownerOf(rotation.name)}: ${text}`, null);
    }
    const decided = this.#decide(rotation, nowMs);
    if (decided.kind === 'none') return;
    if (decided.kind === 'wait') {
      this.#tellOnce(rotation, `the switch to “${decided.to}”, due ${decided.dueAt}, waits. ${decided.why}`);
      return;
    }
    // Somebody may have changed the rotation meanwhile: what holds at the moment of storing counts, and is looked at again if it is another.
    await this.#update(id, (old) => {
      const now = this.#decide(old, nowMs);
      return now.kind === decided.kind ? this.#withDecision(old, now) : old;
    });
    if (decided.kind === 'over')
      this.#tellOnce(rotation, `the switch to “${decided.to}”, due ${decided.dueAt}, was ${decided.outcome}. ${decided.why}`);
  }

  #decide(rotation: StoredRotation, nowMs: number): Due {
    return decideDue(rotation, this.#times(rotation.schedule), this.liveOf(rotation), nowMs);
  }

  #withDecision(rotation: StoredRotation, due: Due): StoredRotation {
    if (due.kind === 'none' || due.kind === 'wait') return rotation;
    const skip = rotation.skip !== null && rotation.skip <= due.dueAt ? null : rotation.skip;
    const next = { ...rotation, skip, decidedUntil: due.dueAt };
    if (due.kind === 'run') return this.begun(next, due.to, due.dueAt);
    const { dueAt, to, outcome, why } = due;
    const nothing = {
      begunAt: null,
      cut: null,
      isComplete: false,
      levelCut: null,
      isSameCut: null,
      sentBytes: null,
      skippedBytes: null,
    };
    return recorded(next, { ...nothing, dueAt, from: this.liveOf(rotation), to, outcome, why, endedAt: this.#now() });
  }

  /** A slot that was added, or that somebody reconnected by hand, goes to rest as soon as it can. */
  async #keepOneLive(id: string): Promise<void> {
    const rotation = this.#find(id);
    if (rotation?.running !== null) return;
    const live = this.liveOf(rotation);
    for (const { name } of rotation.slots) {
      const connection = this.#connection(rotation, name);
      if (name === live || !isFollowingAtRest(connection)) continue;
      const reason = `“${live ?? ''}” follows the source`;
      await this.#options.connections.command(connection.id, { kind: 'park', owner: ownerOf(rotation.name), reason });
    }
  }

  #tellOnce({ id, name }: StoredRotation, text: string): void {
    if (this.#told.get(id) === text) return;
    this.#told.set(id, text);
    this.#options.tell('warning', `${ownerOf(name)}: ${text}`, null);
  }

  #partsOf(rotation: StoredRotation): SwitchParts {
    return {
      connection: (slot) => (slot === null ? null : this.#connection(rotation, slot)),
      command: (connectionId, command) => this.#options.connections.command(connectionId, command),
    };
  }

  #connection({ slots }: StoredRotation, slot: string): ConnectionSnapshot | null {
    const connectionId = slots.find(({ name }) => name === slot)?.connectionId;
    return this.#options.connections.list().find(({ id }) => id === connectionId) ?? null;
  }

  #find(id: string): StoredRotation | undefined {
    return this.#options.file.value.rotations.find((rotation) => rotation.id === id);
  }

  async #update(id: string, change: (old: StoredRotation) => StoredRotation): Promise<void> {
    await this.#options.file.update(({ rotations }) => ({
      rotations: rotations.map((rotation) => (rotation.id === id ? change(rotation) : rotation)),
    }));
    this.#options.onChange();
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

/** It has come to rest, so that parking it costs nothing of a mirror. */
function isFollowingAtRest(connection: ConnectionSnapshot | null): connection is ConnectionSnapshot {
  return connection?.park === null && connection.replication === 'replicating' && connection.mirror.kind === 'idle';
}

function recorded(rotation: StoredRotation, run: RotationRun): StoredRotation {
  return { ...rotation, runs: [run, ...rotation.runs].slice(0, MOST_RUNS) };
}
