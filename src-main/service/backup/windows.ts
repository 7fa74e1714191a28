import { randomUUID } from 'node:crypto';
import type { BackupName, BackupView, BackupWindow, CallInput, CallResult, ConnectionId, Problem } from '../../api/index.ts';
import { describeError, formatDuration, ReplicationError, type Log } from '../../base/index.ts';
import type { SettingsFile } from '../../config/index.ts';
import type { ScheduleClock } from '../schedule-clock.ts';
import { giveBack, isGone, lookAt, takeOrder, type WindowParts } from './orders.ts';
import { holderOf, type StoredWindow, type StoredWindows } from './stored.ts';
import { connectionSubject, findSubject, replicaSubject, type Known, type Subject } from './subjects.ts';
import { judge } from './verdict.ts';
import { showWindow, viewOf } from './view.ts';
import { standsAt, whyBroken } from './window-state.ts';

/** A look at what nobody told of, this often. */
const LOOK_MS = 1_000;
const MINUTE_MS = 60_000;

export interface BackupWindowsOptions extends WindowParts {
  readonly file: SettingsFile<StoredWindows>;
  readonly clock: ScheduleClock;
  readonly tell: (severity: 'info' | 'error', text: string, connectionId: ConnectionId) => void;
  /** The list is another one. */
  readonly onChange: () => void;
  readonly log: Log;
}

/** The windows in which replicas of this service are read. What is decided is on disk before it is done, one thing after the other. */
export class BackupWindows {
  readonly #options: BackupWindowsOptions;
  readonly #toldOverdue = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();
  #isLookAsked = false;
  /** Null before everything of the last life is there again: what is still missing then would look like gone. */
  #stop: (() => void) | null = null;

  constructor(options: BackupWindowsOptions) {
    this.#options = options;
  }

  /** To be called when connections are open and replicas admitted: what a stop of the service interrupted goes on. */
  start(): void {
    this.#stop = this.#options.clock.every(LOOK_MS, () => this.changed());
    this.changed();
  }

  async close(): Promise<void> {
    this.#stop?.();
    await this.settled();
  }

  /** Resolves when what was asked for so far has been done. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** To be called when connections, replicas or slots have changed. */
  changed(): void {
    if (this.#stop === null || this.#isLookAsked || this.#windows.length === 0) return;
    this.#isLookAsked = true;
    void this.#inTurn(async () => {
      this.#isLookAsked = false;
      for (const { id } of this.#windows) await this.#see(id);
    });
  }

  list(): readonly BackupWindow[] {
    return this.#windows.map((window) => this.#show(window));
  }

  look(name: BackupName): BackupView {
    return this.#view(this.#find(name, null));
  }

  /** What `look` says of each connection of this source, and of each replica here that a window holds. */
  views(): readonly BackupView[] {
    const { connections, replicas, rotations } = this.#known();
    // Each view names the others of its set: by set, thousands of connections do not have to be compared with one another.
    const bySet = Map.groupBy(connections, ({ setName }) => setName);
    const held = replicas.map(replicaSubject).filter((subject) => this.#windowOf(subject) !== null);
    return [
      ...connections.map((one) => this.#view(connectionSubject(one, rotations), bySet.get(one.setName))),
      ...held.map((subject) => this.#view(subject)),
    ];
  }

  /** Throws `window-open` for a window of another owner. */
  begin({ owner, reason, maxMinutes, ...name }: CallInput<'backup.begin'>): Promise<BackupView> {
    return this.#inTurn(async () => {
      const subject = this.#find(name, owner);
      const open = this.#windowOf(subject);
      if (open !== null && open.owner !== owner) throw taken(open);
      if (open === null) {
        const judged = judge(subject);
        if (judged.kind !== 'go') return this.#view(subject);
        const slot = subject.side === 'source' ? subject.slot : null;
        const window: StoredWindow = {
          id: randomUUID(),
          connectionId: idOf(subject),
          method: judged.method,
          slot: slot === null ? null : { rotation: slot.rotation, name: slot.snapshot.name },
          name: subject.name,
          ...{ owner, reason, maxMinutes, begunAt: this.#now(), cut: null, broken: null, isEnding: false },
        };
        await this.#store((windows) => [...windows, window]);
        this.#options.tell('info', `${holderOf(window)}: ${window.name} is to be read. ${reason}`.trim(), window.connectionId);
        await this.#see(window.id);
      }
      return this.#view(this.#find(name, owner));
    });
  }

  /** Throws `window-open` for a window of another owner. */
  end({ owner, ...name }: CallInput<'backup.end'>): Promise<CallResult<'backup.end'>> {
    return this.#inTurn(async () => {
      const subject = this.#find(name, owner);
      const open = this.#windowOf(subject);
      if (open === null) return { view: this.#view(subject), ended: null };
      if (open.owner !== owner) throw taken(open);
      await this.#see(open.id); // it may just have been broken
      const ended = this.#show(this.#windows.find(({ id }) => id === open.id) ?? open);
      await this.#change(open.id, { isEnding: true });
      await this.#finish(open); // should it fail, each later look tries again
      this.#options.tell('info', `${holderOf(open)}: ${open.name} was given back.`, open.connectionId);
      return { view: this.#view(this.#find(name, owner)), ended };
    });
  }

  /** Throws `window-open` when somebody reads the replica: what is asked for would let it go on. */
  refuseOpen(side: BackupName['side'], connectionId: ConnectionId): void {
    const open = this.#windows.find((window) => window.connectionId === connectionId && sideOf(window) === side);
    if (open?.isEnding === false && open.broken === null) throw taken(open);
  }

  /** The same for a slot that is to be released. */
  refuseSlot(rotation: string, slot: string): void {
    const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
    const open = this.#windows.find((window) => window.slot !== null && same(window.slot.rotation, rotation) && same(window.slot.name, slot)); // prettier-ignore
    if (open?.isEnding === false && open.broken === null) throw taken(open);
  }

  /** What a connection has to be told of because of its window; null for nothing. */
  problemOf(connectionId: ConnectionId): Problem | null {
    const window = this.#windows.find((one) => one.connectionId === connectionId && this.#isOverdue(one));
    return window === undefined ? null : this.#overdue(window);
  }

  /** Takes one window as far as it goes now. What fails is tried again at the next look. */
  async #see(id: string): Promise<void> {
    const window = this.#windows.find((one) => one.id === id);
    if (window === undefined) return;
    const options = this.#options;
    try {
      if (window.isEnding) {
        await this.#finish(window);
        return;
      }
      await this.#advance(window);
    } catch (error) {
      options.log.warn('a backup window could not be looked after', { window: id, error: String(error) });
    }
    if (this.#isOverdue(window) && !this.#toldOverdue.has(id)) {
      this.#toldOverdue.add(id);
      const { cause, effect, nextStep } = this.#overdue(window);
      options.onChange();
      options.tell('error', `${window.name}: ${cause} ${effect} ${nextStep}`, window.connectionId);
    }
  }

  async #finish(window: StoredWindow): Promise<void> {
    await giveBack(window, this.#options);
    this.#toldOverdue.delete(window.id);
    await this.#store((windows) => windows.filter(({ id }) => id !== window.id));
  }

  async #advance(window: StoredWindow): Promise<void> {
    if (window.broken !== null) {
      if (isGone(window, this.#options)) await this.#finish(window); // it was told, and who asks to end it learns that there is no such replica
      return;
    }
    const looked = lookAt(window, this.#options);
    const broken = whyBroken(window, looked);
    if (broken !== null) {
      await this.#change(window.id, { broken });
      const text = `${holderOf(window)}: ${window.name} changed while it was read: ${broken}. What was read may be a mixture; back it up again.`;
      this.#options.tell('error', text, window.connectionId);
      return;
    }
    if (isGone(window, this.#options)) {
      await this.#finish(window); // it never stood
      return;
    }
    if (window.cut !== null) return;
    const cut = standsAt(window, looked);
    if (cut !== null) {
      await this.#change(window.id, { cut });
      return;
    }
    await takeOrder(window, looked, this.#options);
    const after = standsAt(window, lookAt(window, this.#options));
    if (after !== null) await this.#change(window.id, { cut: after });
  }

  #find(name: BackupName, owner: string | null): Subject {
    const isWanted = (connectionId: string) =>
      this.#windows.some((window) => window.connectionId === connectionId && (owner === null || window.owner === owner));
    return findSubject(name, this.#known(), isWanted);
  }

  #known(): Known {
    const { connections, replicas, rotations } = this.#options;
    return { connections: connections.list(), replicas: replicas.list(), rotations: rotations.list() };
  }

  #windowOf(subject: Subject): StoredWindow | null {
    const found = this.#windows.find((window) => window.connectionId === idOf(subject) && sideOf(window) === subject.side);
    return found ?? null;
  }

  /** `connections`: at least those of the set. */
  #view(subject: Subject, connections = this.#options.connections.list()): BackupView {
    const window = this.#windowOf(subject);
    return viewOf(subject, window === null ? null : this.#show(window), {
      connections,
      nowMs: this.#options.clock.now(),
      target: this.#options.self(),
    });
  }

  #show(window: StoredWindow): BackupWindow {
    return showWindow(window, lookAt(window, this.#options), this.#isOverdue(window));
  }

  #isOverdue({ begunAt, maxMinutes }: StoredWindow): boolean {
    return this.#options.clock.now() >= Date.parse(begunAt) + maxMinutes * MINUTE_MS;
  }

  #overdue({ owner, reason, begunAt, maxMinutes, name }: StoredWindow): Problem {
    const text = describeError('window-overdue', {
      user: owner,
      text: reason,
      name: `“${name}”`,
      lasted: formatDuration(this.#options.clock.now() - Date.parse(begunAt)),
      limit: formatDuration(maxMinutes * MINUTE_MS),
    });
    return { code: 'window-overdue', path: null, since: begunAt, ...text };
  }

  async #change(id: string, change: Partial<StoredWindow>): Promise<void> {
    await this.#store((windows) => windows.map((window) => (window.id === id ? { ...window, ...change } : window)));
  }

  async #store(change: (windows: readonly StoredWindow[]) => readonly StoredWindow[]): Promise<void> {
    await this.#options.file.update(({ windows }) => ({ windows: change(windows) }));
    this.#options.onChange();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined); // told to its own caller
    return result;
  }

  get #windows(): readonly StoredWindow[] {
    return this.#options.file.value.windows;
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

function taken({ owner, reason, begunAt, name }: StoredWindow): ReplicationError {
  return new ReplicationError('window-open', { user: owner, text: reason, since: begunAt, name: `“${name}”` });
}

function idOf(subject: Subject): ConnectionId {
  return subject.side === 'source' ? subject.connection.id : subject.replica.connectionId;
}

function sideOf({ method }: Pick<StoredWindow, 'method'>): BackupName['side'] {
  return method === 'hold' ? 'target' : 'source';
}
