import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { initialReplicaSettings, type ReplicaSettings } from '../../src-main/api/index.ts';
import type { MappedRoot, ReplicaSnapshot } from '../../src-main/api/index.ts';
import { silentLog } from '../../src-main/base/index.ts';
import type { EngineEvent, EngineIdentity, ReplicaSpec } from '../../src-main/engine/connection/index.ts';
import { TargetHost } from '../../src-main/engine/connection/target/target-host.ts';
import { FakeSource } from './fake-source.ts';

/** A real target worker on loopback, for a fake source. */
export interface TargetFixture {
  readonly host: TargetHost;
  readonly port: number;
  readonly spec: ReplicaSpec;
  readonly events: EngineEvent[];
  readonly released: string[];
  replica(): ReplicaSnapshot | null;
  join(): Promise<FakeSource>;
}

export function replicaSpec(
  source: EngineIdentity,
  roots: readonly MappedRoot[],
  connectionId: string = randomUUID(),
): ReplicaSpec {
  return {
    version: 1,
    connectionId,
    setName: 'files',
    sourceName: 'alpha',
    sourceFingerprint: source.fingerprint,
    roots,
    lineage: [],
    admittedAt: new Date(0).toISOString(),
    settings: initialReplicaSettings,
  };
}

/** A target that has its port and no replica; closed when the test ends. */
export async function listenTarget(options: { dataDir: string; identity: EngineIdentity; port?: number }) {
  const events: EngineEvent[] = [];
  const released: string[] = [];
  const host = new TargetHost({
    dataDir: options.dataDir,
    identity: options.identity,
    host: '127.0.0.1',
    port: options.port ?? 0,
    log: silentLog,
    onReplicas: () => undefined,
    onEvent: (event) => void events.push(event),
    onReleased: (id) => void released.push(id),
  });
  onTestFinished(() => host.close());
  const { port } = await host.listen();
  return { host, port, events, released };
}

/** Starts a target that admits one replica; closed when the test ends. */
export async function startTarget(options: {
  dataDir: string;
  identity: EngineIdentity;
  source: EngineIdentity;
  roots: readonly string[];
  connectionId?: string;
  settings?: ReplicaSettings;
}): Promise<TargetFixture> {
  const { host, port, events, released } = await listenTarget(options);
  const spec = replicaSpec(
    options.source,
    options.roots.map((to) => ({ from: '/source', to })),
    options.connectionId,
  );
  await host.admit(options.settings === undefined ? spec : { ...spec, settings: options.settings });
  return {
    host,
    port,
    spec,
    events,
    released,
    replica: () => host.replicas().find(({ connectionId }) => connectionId === spec.connectionId) ?? null,
    join: () => FakeSource.join({ port, connectionId: spec.connectionId, identity: options.source }),
  };
}
