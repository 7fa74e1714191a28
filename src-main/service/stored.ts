import { z } from 'zod';
import type { SettingsShape } from '../config/index.ts';
import { connectionSettings, lineage, lineSettings, replicaSettings, serviceSettings } from '../api/index.ts';
import type { LineSettings, MapSpec, ReplicationSet, Role, ServiceSettings, SetRule } from '../api/index.ts';
import type { ConnectionSpec, ReplicaSpec, Volume } from '../engine/connection/index.ts';
import { storedCut } from './stored-cut.ts';

/** The shapes of the files in a data folder. A change raises the version with a migration here and a fixture of the old bytes in the tests. */

export interface StoredServer {
  readonly serverId: string;
  readonly name: string;
  readonly volumes: readonly Volume[];
  readonly settings: ServiceSettings;
}
export interface PasswordHash {
  readonly salt: string;
  readonly hash: string;
  /** Costs are stored with each hash, so that raising them later keeps old accounts usable. */
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}
export interface StoredAccount {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly password: PasswordHash;
}
export type StoredSet = Pick<ReplicationSet, 'name' | 'rules' | 'size'>;

export interface StoredLine {
  readonly targetFingerprint: string;
  readonly settings: LineSettings;
}

const text = z.string().min(1);
const rule: z.ZodType<SetRule> = z.strictObject({ path: text, verdict: z.enum(['include', 'exclude']), recursive: z.boolean() });
const root = z.strictObject({ from: text, to: text });
const map: z.ZodType<MapSpec> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact') }),
  z.strictObject({ kind: z.literal('base'), base: text }),
  z.strictObject({ kind: z.literal('pairs'), pairs: z.array(root) }),
]);

export const serverShape = (initial: StoredServer): SettingsShape<StoredServer> => ({
  schema: z.strictObject({
    serverId: z.uuid(),
    name: text,
    volumes: z.array(z.strictObject({ name: z.string().regex(/^[A-Z]$/), folder: text })),
    settings: serviceSettings,
  }),
  migrations: [],
  initial,
});

export const accountsShape: SettingsShape<{ readonly accounts: readonly StoredAccount[] }> = {
  schema: z.strictObject({
    accounts: z.array(
      z.strictObject({
        name: text,
        role: z.enum(['admin', 'monitor']),
        createdAt: text,
        password: z.strictObject({
          salt: text,
          hash: text,
          cost: z.int(),
          blockSize: z.int(),
          parallelization: z.int(),
        }),
      }),
    ),
  }),
  migrations: [],
  initial: { accounts: [] },
};

export const setsShape: SettingsShape<{ readonly sets: readonly StoredSet[] }> = {
  schema: z.strictObject({
    sets: z.array(
      z.strictObject({
        name: text,
        rules: z.array(rule),
        size: z.strictObject({ files: z.number(), folders: z.number(), bytes: z.number(), at: text }).nullable(),
      }),
    ),
  }),
  migrations: [],
  initial: { sets: [] },
};

export const connectionSpec: z.ZodType<ConnectionSpec> = z.strictObject({
  version: z.literal(1),
  id: z.uuid(),
  setName: text,
  rules: z.array(rule),
  map,
  roots: z.array(root),
  warnings: z.array(z.string()).default([]),
  sourceName: text,
  targetName: text,
  targetHost: text,
  targetDataPort: z.int(),
  targetFingerprint: text,
  createdAt: text,
  hold: z
    .strictObject({
      kind: z.enum(['pause', 'stop']),
      owner: text,
      reason: z.string(),
      since: text,
      cut: storedCut.nullable().default(null),
    })
    .nullable(),
  park: z.strictObject({ owner: text, reason: z.string(), since: text }).nullable().default(null),
  settings: connectionSettings,
  isMirrorOnly: z.boolean().optional(),
});
const replicaSpec: z.ZodType<ReplicaSpec> = z.strictObject({
  version: z.literal(1),
  connectionId: z.uuid(),
  setName: text,
  sourceName: text,
  sourceFingerprint: text,
  roots: z.array(root),
  lineage: lineage.default([]),
  namesInside: z.array(z.int().min(0)).optional(),
  admittedAt: text,
  settings: replicaSettings,
});
const line: z.ZodType<StoredLine> = z.strictObject({ targetFingerprint: text, settings: lineSettings });

export const connectionsShape: SettingsShape<{
  readonly connections: readonly ConnectionSpec[];
  readonly replicas: readonly ReplicaSpec[];
  /** What this source shares between its connections to one target; kept when the last of them ends. */
  readonly lines: readonly StoredLine[];
}> = {
  schema: z.strictObject({
    connections: z.array(connectionSpec),
    replicas: z.array(replicaSpec),
    lines: z.array(line).default([]),
  }),
  migrations: [],
  initial: { connections: [], replicas: [], lines: [] },
};
export type StoredConnections = (typeof connectionsShape)['initial'];
