import { randomUUID } from 'node:crypto';
import type {
  CallInput,
  ConnectionId,
  ConnectionSnapshot,
  PlannedSwitch,
  RotationSettings,
  RotationSnapshot,
  SetRule,
} from '../../api/index.ts';
import { ReplicationError, type Log } from '../../base/index.ts';
import type { SettingsFile } from '../../config/index.ts';
import type { ConnectionCommand } from '../../engine/connection/index.ts';
import type { ScheduleClock } from '../schedule-clock.ts';
import { checkSlot, sameName } from './check-slot.ts';
import { nextSlot } from './due.ts';
import { previewOf } from './preview.ts';
import { Rounds } from './rounds.ts';
import { newestCopy, showSlots } from './show-slots.ts';
import type { StoredRotation, StoredRotations, StoredSlot } from './stored.ts';
import { checkTime, timesOf } from './times.ts';

/** A look at the clock and at the switches under way, this often. */
const LOOK_MS = 1_000;

export interface RotationsOptions {
  readonly file: SettingsFile<StoredRotations>;
  readonly clock: ScheduleClock;
  /** In which times are meant whose entry names no zone; null: this machine's. */
  readonly timeZone: () => string | null;
  readonly connections: {
    readonly list: () => readonly ConnectionSnapshot[];
    readonly rulesOf: (connectionId: ConnectionId) => readonly SetRule[];
    readonly command: (connectionId: ConnectionId, command: ConnectionCommand) => Promise<unknown>;
  };
  readonly tell: (severity: 'info' | 'warning' | 'error', text: string, connectionId: ConnectionId | null) => void;
  readonly onChange: () => void;
  readonly log: Log;
}

/**
 * Sets whose replicas take turns: of the slots of a rotation one follows the source, the others are at rest and may be backed up. Whatever is
 * decided is on disk before it is done.
 */
export class Rotations {
  readonly #options: RotationsOptions;
  readonly #rounds: Rounds;
  readonly #times: ReturnType<typeof timesOf>;
  #stop: () => void = () => undefined;
  #published = '';
  /** Connections that are being ordered back. */
  readonly #returning: ConnectionId[] = [];

  constructor(options: RotationsOptions) {
    this.#options = options;
    this.#times = timesOf(options.timeZone);
    this.#rounds = new Rounds(options, this.#times);
  }

  /** To be called when the connections are open: what a stop of the service interrupted goes on. */
  start(): void {
    this.#stop = this.#options.clock.every(LOOK_MS, () => {
      this.#rounds.tick();
      this.#publishIfChanged();
    });
    this.#rounds.look();
  }

  /** Resolves when a look that is under way has ended. */
  settled(): Promise<void> {
    return this.#rounds.settled();
  }

  async close(): Promise<void> {
    this.#stop();
    await this.settled();
  }

  /** Carries out an order that brings a connection back. Throws `slot-in-use` when its replica is being read: nothing may be written into it. */
  async unlessInUse<T>(connectionId: ConnectionId, order: () => Promise<T>): Promise<T> {
    this.#returning.push(connectionId);
    try {
      // Whoever asked to read it before us has been answered then; after us he is refused.
      await this.#options.file.settled();
      for (const rotation of this.#options.file.value.rotations)
        for (const slot of rotation.slots) if (slot.connectionId === connectionId) refuseUsed(rotation, slot);
      return await order();
    } finally {
      this.#returning.splice(this.#returning.indexOf(connectionId), 1);
    }
  }

  /** To be called when connections have changed. */
  connectionsChanged(): void {
    this.#rounds.connectionsChanged();
  }

  list(): readonly RotationSnapshot[] {
    return this.#options.file.value.rotations.map((rotation) => this.#show(rotation));
  }

  /** Throws `rotation-exists`. */
  async create(name: string): Promise<RotationSnapshot> {
    const fresh: StoredRotation = {
      id: randomUUID(),
      name,
      slots: [],
      live: null,
      schedule: [],
      order: 'safe',
      mirror: { kind: 'checksum' },
      missed: { policy: 'run-late', withinMinutes: 720 },
      isEnabled: true,
      decidedUntil: this.#now(),
      skip: null,
      running: null,
      runs: [],
    };
    await this.#options.file.update(({ rotations }) => {
      if (rotations.some((other) => sameName(other.name, name)))
        throw new ReplicationError('rotation-exists', { rotation: name });
      return { rotations: [...rotations, fresh] };
    });
    return this.#changed(fresh.id);
  }

  /** Its connections stay as they are. Throws `rotation-running`. */
  async delete(wanted: string): Promise<void> {
    const { id } = this.#find(wanted);
    await this.#options.file.update(({ rotations }) => {
      refuseRunning(this.#find(id));
      return { rotations: rotations.filter((rotation) => rotation.id !== id) };
    });
    this.#options.onChange();
  }

  /** Throws `slot-refused`, `unknown-connection`. */
  async addSlot({ rotation, slot: name, connectionId }: CallInput<'rotation.add-slot'>): Promise<RotationSnapshot> {
    const connection = this.#connection({ connectionId });
    if (connection === null) throw new ReplicationError('unknown-connection', { connection: connectionId });
    return this.#update(rotation, (old) => {
      const others = old.slots.flatMap((slot) => {
        const found = this.#connection(slot);
        return found === null ? [] : [this.#candidate(found)];
      });
      checkSlot(this.#options.file.value.rotations, old, name, this.#candidate(connection), others);
      const live = old.live ?? (connection.park === null ? name : null);
      return { ...old, live, slots: [...old.slots, { name, connectionId, use: null }] };
    });
  }

  /** Its connection stays as it is. Throws `rotation-running`, `slot-in-use`. */
  removeSlot({ rotation, slot }: CallInput<'rotation.remove-slot'>): Promise<RotationSnapshot> {
    return this.#update(rotation, (old) => {
      refuseRunning(old);
      const found = slotOf(old, slot);
      refuseUsed(old, found);
      const used = old.schedule.find((entry) => entry.slot !== null && sameName(entry.slot, found.name));
      if (used !== undefined)
        throw new ReplicationError('slot-refused', {
          slot,
          rotation: old.name,
          text: 'its schedule names it; change that first',
        });
      return { ...old, live: old.live === found.name ? null : old.live, slots: old.slots.filter((one) => one !== found) };
    });
  }

  /** Throws `bad-input` for a time or zone that there is not, `unknown-slot`. What was due before is not made up for by a new schedule. */
  configure({ rotation, settings }: CallInput<'rotation.configure'>): Promise<RotationSnapshot> {
    return this.#update(rotation, (old) => {
      const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
      const next: StoredRotation = { ...old, ...given };
      const schedule = next.schedule.map((entry) => ({
        ...entry,
        slot: entry.slot === null ? null : slotOf(old, entry.slot).name,
      }));
      this.#checkTimes(schedule);
      const isNew = settings.schedule !== undefined || (next.isEnabled && !old.isEnabled);
      return { ...next, schedule, ...(isNew ? { decidedUntil: this.#now(), skip: null } : {}) };
    });
  }

  /** Begins a switch now, also while the rotation is disabled. Throws `rotation-running`, `slot-in-use`, `slot-live`, `slot-refused`. */
  async runNow({ rotation, slot }: CallInput<'rotation.run-now'>): Promise<RotationSnapshot> {
    const { id } = await this.#update(rotation, (old) => {
      refuseRunning(old);
      const live = this.#rounds.liveOf(old);
      const name = slot ?? nextSlot(old.slots, live);
      if (name === null) throw new ReplicationError('slot-refused', { rotation: old.name, text: 'the rotation has no slots' });
      const to = slotOf(old, name);
      refuseUsed(old, to);
      if (to.name === live) throw new ReplicationError('slot-live', { slot: to.name, rotation: old.name });
      return this.#rounds.begun(old, to.name, null);
    });
    this.#rounds.look();
    return this.#changed(id);
  }

  /** The next start by the clock is left out. Throws `bad-input` when there is none. */
  skipNext(rotation: string): Promise<RotationSnapshot> {
    return this.#update(rotation, (old) => {
      const next = old.isEnabled ? this.#times(old.schedule).next(this.#options.clock.now()) : null;
      if (next === null)
        throw new ReplicationError('bad-input', { text: `“${old.name}” is disabled or has no further start by the clock` });
      return { ...old, skip: new Date(next.atMs).toISOString() };
    });
  }

  preview({ rotation, count }: CallInput<'rotation.preview'>): readonly PlannedSwitch[] {
    return this.#preview(this.#find(rotation), count);
  }

  /** Throws `unknown-slot`, `bad-input`. */
  previewDraft({ slots, live, count, schedule, order, missed }: CallInput<'rotation.preview-draft'>): readonly PlannedSwitch[] {
    const draft = {
      name: '',
      slots: slots.map((name) => ({ name, connectionId: '', use: null })),
      ...{ order, missed, isEnabled: true, running: null, skip: null },
    };
    for (const { slot } of schedule) if (slot !== null) slotOf(draft, slot);
    this.#checkTimes(schedule);
    const about = { live, nowMs: this.#options.clock.now(), count, timeZone: this.#options.timeZone() };
    return previewOf(draft, this.#times(schedule), about);
  }

  #checkTimes(schedule: RotationSettings['schedule']): void {
    for (const { time } of schedule) checkTime(time);
    this.#times(schedule); // refuses zones that there are not
  }

  /** Marks a slot at rest as being read. Throws `slot-live`, `slot-in-use`. */
  use({ rotation, slot, reason }: CallInput<'rotation.use'>, owner: string): Promise<RotationSnapshot> {
    return this.#update(rotation, (old) => {
      const found = slotOf(old, slot);
      refuseUsed(old, found);
      const isComing = old.running?.to === found.name || this.#returning.includes(found.connectionId);
      if (isComing || this.#connection(found)?.park?.kind !== 'parked')
        throw new ReplicationError('slot-live', { slot: found.name, rotation: old.name });
      return withUse(old, found, { owner, reason, since: this.#now() });
    });
  }

  release({ rotation, slot }: CallInput<'rotation.release'>): Promise<RotationSnapshot> {
    return this.#update(rotation, (old) => withUse(old, slotOf(old, slot), null));
  }

  /** Slots change with their connections. Ages grow all the time and are nothing new. */
  #publishIfChanged(): void {
    const text = JSON.stringify(this.list(), (key, value: unknown) =>
      key === 'copy' || key === 'newest' ? cutOf(value) : value,
    );
    if (text === this.#published) return;
    this.#published = text;
    this.#options.onChange();
  }

  #show(rotation: StoredRotation): RotationSnapshot {
    const { id, name, schedule, order, mirror, missed, isEnabled, running, runs } = rotation;
    const problem = this.#rounds.problemOf(id);
    const slots = showSlots(rotation, (slot) => this.#connection(slot), problem, this.#options.clock.now());
    return {
      id, name, schedule, order, mirror, missed, isEnabled, slots, runs,
      running: running === null ? null : { from: running.from, to: running.to, order: running.order, step: running.step, dueAt: running.dueAt, begunAt: running.begunAt, problem },
      next: isEnabled ? (this.#preview(rotation, 1)[0] ?? null) : null,
      newest: newestCopy(slots),
    }; // prettier-ignore
  }

  #preview(rotation: StoredRotation, count: number): readonly PlannedSwitch[] {
    const live = this.#rounds.liveOf(rotation);
    const about = { live, nowMs: this.#options.clock.now(), count, timeZone: this.#options.timeZone() };
    return previewOf(rotation, this.#times(rotation.schedule), about);
  }

  async #update(wanted: string, change: (old: StoredRotation) => StoredRotation): Promise<RotationSnapshot> {
    const { id } = this.#find(wanted);
    await this.#options.file.update(({ rotations }) => {
      const next = change(this.#find(id));
      return { rotations: rotations.map((rotation) => (rotation.id === id ? next : rotation)) };
    });
    return this.#changed(id);
  }

  #changed(id: string): RotationSnapshot {
    this.#options.onChange();
    return this.#show(this.#find(id));
  }

  #find(wanted: string): StoredRotation {
    const { rotations } = this.#options.file.value;
    const found = rotations.find(({ id, name }) => id === wanted.toLowerCase() || sameName(name, wanted));
    if (found !== undefined) return found;
    throw new ReplicationError('unknown-rotation', { rotation: wanted, known: rotations.map(({ name }) => name).join(', ') });
  }

  #connection({ connectionId }: Pick<StoredSlot, 'connectionId'>): ConnectionSnapshot | null {
    return this.#options.connections.list().find(({ id }) => id === connectionId) ?? null;
  }

  #candidate(connection: ConnectionSnapshot) {
    return { connection, rules: this.#options.connections.rulesOf(connection.id) };
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

/** What does not change by itself of a copy. */
function cutOf(copy: unknown): unknown {
  return typeof copy === 'object' && copy !== null && 'cut' in copy ? { cut: copy.cut } : copy;
}

function slotOf(rotation: Pick<StoredRotation, 'name' | 'slots'>, wanted: string): StoredSlot {
  const found = rotation.slots.find(({ name }) => sameName(name, wanted));
  if (found !== undefined) return found;
  const known = rotation.slots.map(({ name }) => name).join(', ');
  throw new ReplicationError('unknown-slot', { slot: wanted, rotation: rotation.name, known });
}

function refuseRunning(rotation: StoredRotation): void {
  if (rotation.running === null) return;
  throw new ReplicationError('rotation-running', { rotation: rotation.name, slot: rotation.running.to });
}

function refuseUsed(rotation: StoredRotation, { name, use }: StoredSlot): void {
  if (use === null) return;
  throw new ReplicationError('slot-in-use', { slot: name, rotation: rotation.name, user: use.owner, text: use.reason });
}

function withUse(rotation: StoredRotation, slot: StoredSlot, use: StoredSlot['use']): StoredRotation {
  return { ...rotation, slots: rotation.slots.map((one) => (one === slot ? { ...one, use } : one)) };
}
