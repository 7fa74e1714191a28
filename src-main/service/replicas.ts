import { initialReplicaSettings } from '../api/index.ts';
import type { Admission, CallInput, ConnectionId, Offer, ReplicaSnapshot } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { SettingsFile } from '../config/index.ts';
import { resolveTargetPath, type ReplicaSpec, type Replicator, type Volume } from '../engine/connection/index.ts';
import { changed } from './change-settings.ts';
import { neighbourWarnings, refuseCircle } from './lineage.ts';
import type { StoredConnections } from './stored.ts';

export interface ReplicasOptions {
  readonly file: SettingsFile<StoredConnections>;
  readonly replicator: Replicator;
  readonly serverName: string;
  readonly fingerprint: string;
  readonly volumes: readonly Volume[];
  readonly dataPort: () => number;
}

/** The replicas that this server holds as a target: only those an administrator admitted, stored before the engine accepts their source. */
export class Replicas {
  readonly #options: ReplicasOptions;

  constructor(options: ReplicasOptions) {
    this.#options = options;
  }

  async admitStored(onFailure: (spec: ReplicaSpec, error: unknown) => void): Promise<void> {
    const admit = async (spec: ReplicaSpec) => {
      try {
        await this.#options.replicator.admit(spec);
      } catch (error) {
        onFailure(spec, error);
      }
    };
    await Promise.all(this.#specs.map(admit));
  }

  list(): readonly ReplicaSnapshot[] {
    return this.#options.replicator.replicas();
  }

  /** Whether it is admitted, also while it could not be opened. */
  has(connectionId: ConnectionId): boolean {
    return this.#specs.some((spec) => spec.connectionId === connectionId);
  }

  async admit(offer: Offer): Promise<Admission> {
    const { replicator, serverName, fingerprint, dataPort } = this.#options;
    if (this.has(offer.connectionId)) {
      throw new ReplicationError('bad-input', { text: 'the offer was admitted already' });
    }
    await this.#releaseForerunner(offer);
    const roots = replicator.checkRoots(offer.roots, offer.namesInside);
    refuseCircle(offer, roots, { fingerprint, name: serverName }, this.#options.file.value.connections);
    const warnings = neighbourWarnings(roots, offer.sourceFingerprint, this.#specs);
    const spec: ReplicaSpec = {
      version: 1,
      connectionId: offer.connectionId,
      setName: offer.setName,
      sourceName: offer.sourceName,
      sourceFingerprint: offer.sourceFingerprint,
      roots,
      lineage: offer.lineage,
      ...(offer.namesInside !== undefined && { namesInside: offer.namesInside }),
      admittedAt: new Date().toISOString(),
      settings: initialReplicaSettings,
    };
    await this.#update((replicas) => [...replicas, spec]);
    try {
      await replicator.admit(spec);
    } catch (error) {
      await this.forget(spec.connectionId);
      throw error;
    }
    const disk = replicator.diskPlaces(roots);
    return { targetName: serverName, targetFingerprint: fingerprint, dataPort: dataPort(), roots, disk, warnings };
  }

  async configure({ connectionId, settings: change }: CallInput<'replica.configure'>): Promise<ReplicaSnapshot> {
    await this.#update((replicas) =>
      replicas.map((spec) => (spec.connectionId === connectionId ? { ...spec, settings: changed(spec.settings, change) } : spec)),
    );
    const spec = this.#specs.find((known) => known.connectionId === connectionId);
    if (!spec) throw new ReplicationError('unknown-connection', { connection: connectionId });
    return this.#options.replicator.configureReplica(connectionId, spec.settings);
  }

  async release(connectionId: ConnectionId): Promise<void> {
    if (!this.has(connectionId)) {
      throw new ReplicationError('unknown-connection', { connection: connectionId });
    }
    await this.#options.replicator.release(connectionId);
    await this.forget(connectionId);
  }

  /** The engine released it already (its source disconnected). */
  async forget(connectionId: ConnectionId): Promise<void> {
    await this.#update((replicas) => replicas.filter((spec) => spec.connectionId !== connectionId));
  }

  /**
   * A source that disconnected while this server was away, or a client that died between admission and creation, leaves an admission behind
   * which nobody uses. The same source coming again for the same set and places shows that: without this it would be refused for ever. One that
   * is held stays: somebody may be backing it up.
   */
  async #releaseForerunner(offer: Offer): Promise<void> {
    const wanted = JSON.stringify(
      offer.roots.map(({ from, to }) => ({ from, to: resolveTargetPath(to, this.#options.volumes) })),
    );
    const isUnused = (connectionId: ConnectionId): boolean => {
      const state = this.list().find((replica) => replica.connectionId === connectionId)?.state;
      return state === 'waiting-for-source' || state === 'retrying';
    };
    const forerunner = this.#specs.find(
      (spec) =>
        spec.sourceFingerprint === offer.sourceFingerprint &&
        spec.setName === offer.setName &&
        JSON.stringify(spec.roots) === wanted &&
        isUnused(spec.connectionId),
    );
    if (forerunner) await this.release(forerunner.connectionId);
  }

  get #specs(): readonly ReplicaSpec[] {
    return this.#options.file.value.replicas;
  }

  async #update(change: (replicas: readonly ReplicaSpec[]) => readonly ReplicaSpec[]): Promise<void> {
    await this.#options.file.update((value) => ({ ...value, replicas: change(value.replicas) }));
  }
}
