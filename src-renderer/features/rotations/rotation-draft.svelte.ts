import type {
  CallInput,
  CallName,
  CallResult,
  ConnectionSnapshot,
  MirrorOptions,
  RotationDraft as Planned,
  RotationSettings,
  RotationSnapshot,
} from '../../../src-main/api/index.ts';
import { rotationScript } from '../../text/rotation-scripts.ts';
import { TimeDraft } from './time-draft.svelte.ts';

/** A connection that can be a slot; `isKept`: it is one already, and keeps its name. */
export class SlotDraft {
  readonly connection: ConnectionSnapshot;
  readonly isKept: boolean;
  isChosen = $state(false);
  name = $state('');

  constructor(connection: ConnectionSnapshot, kept: string | null, name: string) {
    this.connection = connection;
    this.isKept = kept !== null;
    this.isChosen = this.isKept;
    this.name = kept ?? name;
  }
}

type Call = <K extends CallName>(name: K, input: CallInput<K>) => Promise<CallResult<K>>;

/** A rotation that is put together, new or changed, and ordered at the end. */
export class RotationDraft {
  name = $state('');
  slots = $state.raw<readonly SlotDraft[]>([]);
  times = $state.raw<readonly TimeDraft[]>([]);
  order = $state<RotationSettings['order']>('safe');
  mirrorKind = $state<MirrorOptions['kind']>('checksum');
  policy = $state<RotationSettings['missed']['policy']>('run-late');
  withinHours = $state('12');
  #setName = $state('');
  /** As the service knows it; null before it is made. */
  #known = $state.raw<RotationSnapshot | null>(null);

  constructor(known: RotationSnapshot | null = null) {
    this.#known = known;
    if (known === null) {
      this.times = [new TimeDraft()];
      return;
    }
    this.name = known.name;
    this.order = known.order;
    this.mirrorKind = known.mirror.kind;
    this.policy = known.missed.policy;
    if (known.missed.policy === 'run-late') this.withinHours = String(known.missed.withinMinutes / 60);
    this.times = known.schedule.map((entry) => new TimeDraft(entry));
  }

  get setName(): string {
    return this.#setName;
  }

  get isNew(): boolean {
    return this.#known === null;
  }

  /** Offers the connections of a set that no other rotation has; two of them are chosen at first. */
  chooseSet(setName: string, connections: readonly ConnectionSnapshot[], rotations: readonly RotationSnapshot[]): void {
    this.#setName = setName;
    const known = this.#known;
    const taken = rotations.filter(({ id }) => id !== known?.id).flatMap(({ slots }) => slots.map((slot) => slot.connectionId));
    const free = connections.filter((one) => one.setName === setName && !taken.includes(one.id));
    const names = known?.slots.map((slot) => slot.name) ?? [];
    this.slots = free.map((connection) => {
      const kept = known?.slots.find(({ connectionId }) => connectionId === connection.id)?.name ?? null;
      const name = kept ?? freeName(names);
      names.push(name);
      return new SlotDraft(connection, kept, name);
    });
    if (known === null) for (const slot of this.slots.slice(0, 2)) slot.isChosen = true;
  }

  addTime(): void {
    const time = new TimeDraft();
    time.timeZone = this.times.at(-1)?.timeZone ?? '';
    this.times = [...this.times, time];
  }

  removeTime(time: TimeDraft): void {
    this.times = this.times.filter((other) => other !== time);
  }

  /** Names of the slots in their order: those that are there, then the new ones. Slots whose connection has ended stay. */
  get slotNames(): readonly string[] {
    const removed = this.#removed;
    const kept = (this.#known?.slots ?? []).map(({ name }) => name).filter((name) => !removed.includes(name));
    return [...kept, ...this.#added.map(({ name }) => name)];
  }

  /** What is wrong with name and slots, for people; null when nothing is. `others`: names that are taken. */
  slotsProblem(others: readonly string[]): string | null {
    const name = this.name.trim();
    if (this.setName === '') return 'Choose a set.';
    if (name === '') return 'Name the rotation.';
    if (this.isNew && others.some((other) => other.toLowerCase() === name.toLowerCase()))
      return `There is a rotation ${name} already.`;
    const names = this.slotNames.map((slot) => slot.toLowerCase());
    if (names.length < 2) return 'Choose at least two connections.';
    if (names.includes('')) return 'Name each slot.';
    if (names.some((slot, at) => names.indexOf(slot) !== at)) return 'Give each slot a name of its own.';
    return null;
  }

  get timesProblem(): string | null {
    const wrong = this.times.find((time) => time.problem !== null);
    if (wrong !== undefined) return wrong.problem;
    const gone = this.times.find(({ slot }) => slot !== '' && !this.slotNames.includes(slot));
    return gone === undefined ? null : `There is no slot ${gone.slot} any more: choose another one for its time.`;
  }

  get orderProblem(): string | null {
    if (this.policy === 'skip') return null;
    const { withinMinutes } = this.#missed;
    return Number.isInteger(withinMinutes) && withinMinutes >= 1 && withinMinutes <= 525_600
      ? null
      : 'Type within how many hours a late start may run, up to a year.';
  }

  /** For a preview: the slot that would be live is the one that is, else the first that was not parked. */
  get planned(): Planned {
    const { schedule, order, missed } = this.#settings;
    const live = this.#known?.slots.find(({ state }) => state === 'live' || state === 'coming')?.name;
    const first = this.#added.find(({ connection }) => connection.park === null)?.name;
    return { slots: this.slotNames, live: live ?? first ?? null, schedule, order, missed };
  }

  get script(): readonly string[] {
    const added = this.#added.map(({ name, connection }) => ({ name, number: connection.number }));
    const wanted = { ...this.#settings, name: this.name.trim(), added, removed: this.#removed };
    return rotationScript(wanted, this.isNew);
  }

  /** Makes it so. After a failure it may be called again: what was done is not done twice. */
  async save(call: Call): Promise<RotationSnapshot> {
    this.#known ??= await call('rotation.create', { name: this.name.trim() });
    const rotation = this.#known.id;
    for (const { name, connection } of this.#added)
      this.#known = await call('rotation.add-slot', { rotation, slot: name, connectionId: connection.id });
    this.#known = await call('rotation.configure', { rotation, settings: this.#settings });
    for (const slot of this.#removed) this.#known = await call('rotation.remove-slot', { rotation, slot });
    return this.#known;
  }

  get #settings(): RotationSettings {
    const { mirror, isEnabled } = this.#known ?? { mirror: null, isEnabled: true };
    return {
      schedule: this.times.map(({ entry }) => entry),
      order: this.order,
      // Finer options, which scripts set, stay with the kind that they were made for.
      mirror: mirror?.kind === this.mirrorKind ? mirror : { kind: this.mirrorKind },
      missed: this.#missed,
      isEnabled,
    };
  }

  get #missed(): RotationSettings['missed'] {
    return this.policy === 'skip'
      ? { policy: 'skip', withinMinutes: 1 }
      : { policy: 'run-late', withinMinutes: Math.round(Number(this.withinHours.trim() || 'NaN') * 60) };
  }

  get #added(): readonly { readonly name: string; readonly connection: ConnectionSnapshot }[] {
    const there = this.#known?.slots.map(({ connectionId }) => connectionId) ?? [];
    return this.slots
      .filter(({ isChosen, connection }) => isChosen && !there.includes(connection.id))
      .map(({ name, connection }) => ({ name: name.trim(), connection }));
  }

  get #removed(): readonly string[] {
    const left = this.slots.filter(({ isChosen }) => !isChosen).map(({ connection }) => connection.id);
    return (this.#known?.slots ?? []).filter(({ connectionId }) => left.includes(connectionId)).map(({ name }) => name);
  }
}

/** `A`, `B` … */
function freeName(taken: readonly string[]): string {
  const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));
  return letters.find((letter) => !taken.includes(letter)) ?? `Slot ${taken.length + 1}`;
}
