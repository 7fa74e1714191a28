import { randomUUID } from 'node:crypto';
import { initialConnectionSettings } from '../api/index.ts';
import type {
  CallInput,
  ConnectionId,
  ConnectionSnapshot,
  Cut,
  MapSpec,
  MirrorOptions,
  Offer,
  PreservedReport,
  SetRule,
} from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { SettingsFile } from '../config/index.ts';
import type { ConnectionCommand, ConnectionSpec, Replicator } from '../engine/connection/index.ts';
import { newCutOf, toldOf } from './pauses/kept-cut.ts';
import { lineageOf } from './lineage.ts';
import { mapText, sameMap } from './same-map.ts';
import { changed } from './change-settings.ts';
import type { Sets } from './sets.ts';
import type { StoredConnections } from './stored.ts';

/** What the source side of a service needs from the rest of it. */
export interface ConnectionsOptions {
  readonly file: SettingsFile<StoredConnections>;
  readonly replicator: Replicator;
  readonly sets: Pick<Sets, 'forConnect'>;
  readonly serverName: string;
  readonly fingerprint: string;
  /** The list of connections changed (not their statistics). */
  readonly onChange: () => void;
  /** Adds what the service knows of a connection beyond its engine. */
  readonly shown: (snapshot: ConnectionSnapshot) => ConnectionSnapshot;
}

/** The connections of which this server is the source. A decision is on disk before the engine acts on it. */
export class Connections {
  readonly #options: ConnectionsOptions;
  /** The small numbers that people type; they begin at 1 with each start. */
  readonly #numbers = new Map<ConnectionId, number>();
  #nextNumber = 1;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** Opens all stored connections, oldest first. One that fails is told to `onFailure` and does not keep the others from starting. */
  openStored(onFailure: (spec: ConnectionSpec, error: unknown) => void): void {
    for (const spec of this.#specs) {
      try {
        this.#options.replicator.open(spec, this.#numberFor(spec.id), { mirror: null, isNew: false });
      } catch (error) {
        onFailure(spec, error);
      }
    }
  }

  usedBy(setName: string): readonly ConnectionId[] {
    const wanted = setName.toLowerCase();
    return this.#specs.filter((spec) => spec.setName.toLowerCase() === wanted).map((spec) => spec.id);
  }

  /** The rules with which it was made. */
  rulesOf(connectionId: ConnectionId): readonly SetRule[] {
    return this.#require(connectionId).rules;
  }

  list(): readonly ConnectionSnapshot[] {
    return this.#options.replicator.connections().map(this.#options.shown);
  }

  /** Whether it is stored, also while it could not be opened. */
  has(connectionId: ConnectionId): boolean {
    return this.#specs.some(({ id }) => id === connectionId);
  }

  get(connectionId: ConnectionId): ConnectionSnapshot {
    const found = this.list().find(({ id }) => id === connectionId);
    if (!found) throw new ReplicationError('unknown-connection', { connection: connectionId });
    return found;
  }

  preserved(connectionId: ConnectionId): PreservedReport {
    this.#require(connectionId);
    return this.#options.replicator.preserved(connectionId);
  }

  prepare({ setName, map, targetFingerprint }: CallInput<'connection.prepare'>): Offer {
    const set = this.#options.sets.forConnect(setName);
    this.#refuseTwin(set.name, map, targetFingerprint);
    const roots = this.#options.replicator.prepare(set.rules, map, targetFingerprint);
    const { serverName: sourceName, fingerprint: sourceFingerprint } = this.#options;
    const lineage = lineageOf(roots, { fingerprint: sourceFingerprint, name: sourceName }, this.#options.file.value.replicas);
    return { connectionId: randomUUID(), setName: set.name, sourceName, sourceFingerprint, map, roots, lineage };
  }

  async create({ offer, admission, targetHost, mirror, settings }: CallInput<'connection.create'>): Promise<ConnectionSnapshot> {
    const { replicator, fingerprint, serverName } = this.#options;
    if (offer.sourceFingerprint !== fingerprint) throw badOffer('it was made by another server');
    if (this.has(offer.connectionId)) throw badOffer('it was used already');
    const set = this.#options.sets.forConnect(offer.setName);
    this.#refuseTwin(set.name, offer.map, admission.targetFingerprint);
    // Between the offer and now the set may have changed; what the target admitted must still be what is sent.
    const roots = replicator.prepare(set.rules, offer.map, admission.targetFingerprint);
    const isSame = roots.length === admission.roots.length && roots.every(({ from }, i) => from === admission.roots[i]?.from);
    if (!isSame) throw badOffer('the set changed since it was made');
    replicator.refuseLoop(set.rules, admission.roots, admission.disk);
    const spec: ConnectionSpec = {
      version: 1,
      id: offer.connectionId,
      setName: set.name,
      rules: set.rules,
      map: offer.map,
      roots: admission.roots,
      warnings: admission.warnings,
      sourceName: serverName,
      targetName: admission.targetName,
      targetHost,
      targetDataPort: admission.dataPort,
      targetFingerprint: admission.targetFingerprint,
      createdAt: new Date().toISOString(),
      hold: null,
      park: null,
      settings: changed(initialConnectionSettings, settings ?? {}),
    };
    // A twin may have been made meanwhile.
    await this.#open(spec, mirror, () => this.#refuseTwin(set.name, offer.map, admission.targetFingerprint));
    return this.get(spec.id);
  }

  /** Stores and opens what a restore is carried out by; nothing happens when that was done already. */
  async openForRestore(spec: ConnectionSpec, mirror: MirrorOptions | null): Promise<void> {
    if (!this.has(spec.id)) await this.#open(spec, mirror, () => undefined);
  }

  async #open(spec: ConnectionSpec, mirror: MirrorOptions | null, check: () => void): Promise<void> {
    await this.#update((connections) => {
      check();
      return [...connections, spec];
    });
    try {
      this.#options.replicator.open(spec, this.#numberFor(spec.id), { mirror, isNew: true });
    } catch (error) {
      await this.#update((connections) => connections.filter(({ id }) => id !== spec.id));
      throw error;
    }
    this.#options.onChange();
  }

  /** The lookup of scripts. The target goes by name, host, `host:port` or fingerprint. */
  find({ setName, target, map }: CallInput<'connection.find'>): ConnectionSnapshot {
    const wantedTarget = target.toLowerCase();
    const ofSet = this.#specs.filter((spec) => spec.setName.toLowerCase() === setName.toLowerCase());
    const ofTarget = ofSet.filter((spec) => namesOfTarget(spec).includes(wantedTarget));
    const fitting = ofTarget.filter((spec) => map === null || sameMap(spec.map, map));
    const [only] = fitting;
    if (only && fitting.length === 1) return this.get(only.id);
    const asked = { set: setName, target, map: map === null ? null : mapText(map) };
    throw new ReplicationError('unknown-connection', { ...asked, hint: hintFor(ofSet, ofTarget, fitting) });
  }

  /** Carries out an order; a pause, a stop or a parking, and its end, is stored first so that it survives a restart. */
  async command(connectionId: ConnectionId, command: ConnectionCommand): Promise<ConnectionSnapshot> {
    const before = this.#require(connectionId);
    // Pausing what is paused keeps its owner and its cut: somebody relies on them. So does parking what is parked.
    if (holdOf(command) !== null && holdOf(command) === before.hold?.kind) return this.get(connectionId);
    if (command.kind === 'park' && before.park !== null) return this.get(connectionId);
    const hold = holdAfter(before.hold, command);
    const park = parkAfter(before.park, command);
    const isStored = hold !== before.hold || park !== before.park;
    if (isStored) await this.#change(connectionId, { hold, park });
    try {
      return this.#options.shown(this.#options.replicator.command(connectionId, command));
    } catch (error) {
      if (isStored) await this.#change(connectionId, { hold: before.hold, park: before.park });
      throw error;
    }
  }

  /**
   * To be called when connections have changed: where a pause stands goes to disk, so that it stands there after a restart too. Resolves to whether
   * there was anything to write. Rejects when it cannot be written.
   */
  async keepCuts(): Promise<boolean> {
    if (!this.#specs.some(({ hold }) => hold?.kind === 'pause')) return false;
    const transmissions = () => new Map(this.#options.replicator.connections().map(({ id, transmission }) => [id, transmission]));
    const before = transmissions();
    if (!this.#specs.some(({ id, hold }) => newCutOf(hold, before.get(id)) !== null)) return false;
    await this.#update((connections) => {
      const now = transmissions();
      return connections.map((spec) => {
        const cut = newCutOf(spec.hold, now.get(spec.id));
        return cut === null || spec.hold === null ? spec : { ...spec, hold: { ...spec.hold, cut } };
      });
    });
    return true;
  }

  /** As it may be told: see `toldOf`. */
  asKept(connection: ConnectionSnapshot): ConnectionSnapshot {
    const { id, transmission } = connection;
    if (transmission.kind !== 'paused') return connection;
    const hold = this.#specs.find((spec) => spec.id === id)?.hold ?? null;
    return { ...connection, transmission: toldOf(hold, transmission) };
  }

  /** Where the pause by a person or script stands, once that is on disk. */
  keptCut(connectionId: ConnectionId): Cut | null {
    return this.#require(connectionId).hold?.cut ?? null;
  }

  async configure({ connectionId, settings: change }: CallInput<'connection.configure'>): Promise<ConnectionSnapshot> {
    this.#require(connectionId);
    await this.#update((connections) =>
      connections.map((spec) => (spec.id === connectionId ? { ...spec, settings: changed(spec.settings, change) } : spec)),
    );
    const { settings } = this.#require(connectionId);
    return this.#options.shown(this.#options.replicator.command(connectionId, { kind: 'configure', settings }));
  }

  /** Ends a connection for good; a target that cannot be told does not keep it alive here. */
  /** `isConfirmed` false: the target could not be told, and keeps its admission. */
  async disconnect(
    connectionId: ConnectionId,
  ): Promise<Pick<ConnectionSpec, 'setName' | 'targetName'> & { readonly isConfirmed: boolean }> {
    const { setName, targetName } = this.#require(connectionId);
    try {
      const isConfirmed = await this.#options.replicator.disconnect(connectionId);
      return { setName, targetName, isConfirmed };
    } finally {
      await this.#update((connections) => connections.filter(({ id }) => id !== connectionId));
      this.#numbers.delete(connectionId);
      this.#options.onChange();
    }
  }

  get #specs(): readonly ConnectionSpec[] {
    return this.#options.file.value.connections;
  }

  async #update(change: (connections: readonly ConnectionSpec[]) => readonly ConnectionSpec[]): Promise<void> {
    await this.#options.file.update((value) => ({ ...value, connections: change(value.connections) }));
  }

  async #change(connectionId: ConnectionId, change: Pick<ConnectionSpec, 'hold' | 'park'>): Promise<void> {
    await this.#update((connections) => connections.map((spec) => (spec.id === connectionId ? { ...spec, ...change } : spec)));
  }

  #require(connectionId: ConnectionId): ConnectionSpec {
    const spec = this.#specs.find(({ id }) => id === connectionId);
    if (!spec) throw new ReplicationError('unknown-connection', { connection: connectionId });
    return spec;
  }

  #numberFor(id: ConnectionId): number {
    const number = this.#numbers.get(id) ?? this.#nextNumber++;
    this.#numbers.set(id, number);
    return number;
  }

  #refuseTwin(setName: string, map: MapSpec, targetFingerprint: string): void {
    const twin = this.#specs.find(
      (spec) =>
        spec.setName.toLowerCase() === setName.toLowerCase() &&
        spec.targetFingerprint === targetFingerprint &&
        sameMap(spec.map, map),
    );
    if (!twin) return;
    const number = this.#numbers.get(twin.id) ?? null;
    throw new ReplicationError('connection-exists', { set: setName, target: twin.targetName, connection: number });
  }
}

type Hold = ConnectionSpec['hold'];

/** The kind of hold that the order asks for; null for orders that ask for none. */
function holdOf(command: ConnectionCommand): NonNullable<Hold>['kind'] | null {
  if (command.kind === 'pause-transmission') return 'pause';
  return command.kind === 'stop-transmission' ? 'stop' : null;
}

function holdAfter(hold: Hold, command: ConnectionCommand): Hold {
  switch (command.kind) {
    case 'pause-transmission':
    case 'stop-transmission': {
      const { owner, reason } = command;
      const kind = command.kind === 'pause-transmission' ? 'pause' : 'stop';
      return { kind, owner, reason, since: new Date().toISOString(), cut: null };
    }
    case 'resume-transmission':
    case 'start-transmission':
      return null;
    default:
      return hold;
  }
}

function parkAfter(park: ConnectionSpec['park'], command: ConnectionCommand): ConnectionSpec['park'] {
  if (command.kind === 'reconnect') return null;
  if (command.kind !== 'park') return park;
  return { owner: command.owner, reason: command.reason, since: new Date().toISOString() };
}

function namesOfTarget({ targetName, targetHost, targetDataPort, targetFingerprint }: ConnectionSpec): readonly string[] {
  return [targetName, targetHost, `${targetHost}:${targetDataPort}`, targetFingerprint].map((name) => name.toLowerCase());
}

function hintFor(
  ofSet: readonly ConnectionSpec[],
  ofTarget: readonly ConnectionSpec[],
  fitting: readonly ConnectionSpec[],
): string {
  const maps = (specs: readonly ConnectionSpec[]) => specs.map((spec) => mapText(spec.map)).join('; ');
  if (fitting.length > 1) return `It is connected there ${fitting.length} times; say which map is meant: ${maps(fitting)}.`;
  if (ofTarget.length > 0) return `It is connected there with another map: ${maps(ofTarget)}.`;
  const targets = [...new Set(ofSet.map((spec) => spec.targetName))].join(', ');
  return targets === '' ? 'The set has no connection now.' : `The set is connected to ${targets}.`;
}

function badOffer(text: string): ReplicationError {
  return new ReplicationError('bad-input', { text: `the offer cannot be used: ${text}` });
}
