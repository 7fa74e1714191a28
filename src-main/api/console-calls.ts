import { z } from './schema.ts';
import { inputs, mapSpec, mirrorOptions, type CallInput, type CallName, type CallResult, type Updates } from './calls.ts';
import {
  MOST_SAMPLED,
  overwritePolicies,
  restoreChoice,
  restoreFrom,
  type OverwritePolicy,
  type RestoreChoice,
  type RestoreFrom,
  type RestoreSnapshot,
} from './restore.ts';
import type { ScriptCompletion, ScriptLine, ScriptResult } from './script.ts';
import type { ConnectionSnapshot } from './snapshots.ts';
import type { MapSpec, MirrorOptions, Problem, Role } from './words.ts';

/** A server that this console knows. The embedded one is this machine; it needs no login and cannot be removed. */
export interface KnownServer {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly fingerprint: string;
  readonly isEmbedded: boolean;
  readonly state:
    | { readonly kind: 'connecting'; readonly since: string }
    | { readonly kind: 'online'; readonly since: string; readonly role: Role; readonly user: string }
    | { readonly kind: 'login-required'; readonly since: string; readonly problem: Problem | null }
    | { readonly kind: 'unreachable'; readonly since: string; readonly problem: Problem };
}

export interface ConsoleInfo {
  readonly version: string;
  readonly shell: 'electron' | 'browser';
  readonly embeddedServerId: string | null;
  readonly home: string;
}

/** One point of a connection's history. Rates are per second over the interval before `at`. */
export interface StatisticsSample {
  readonly at: string;
  readonly sentBytesPerSec: number;
  readonly appliedBytesPerSec: number;
  readonly queuedBytes: number;
  readonly queuedOps: number;
  readonly targetQueueBytes: number;
}

/** The contract of the console's main side; the renderer reaches services only through it. */
export type ConsoleCalls = {
  'console.info': (input: null) => Promise<ConsoleInfo>;
  'servers.list': (input: null) => Promise<readonly KnownServer[]>;
  /** First contact: who answers there. The person compares the fingerprint before `servers.add`. */
  'servers.probe': (input: { address: string }) => Promise<{ name: string; fingerprint: string; version: string }>;
  'servers.add': (input: { name: string; address: string; fingerprint: string }) => Promise<KnownServer>;
  'servers.remove': (input: { serverId: string }) => Promise<null>;
  'servers.login': (input: { serverId: string; user: string; password: string; remember: boolean }) => Promise<KnownServer>;
  'servers.logout': (input: { serverId: string }) => Promise<KnownServer>;
  /** Any call of a service, through this console's session with it. */
  'service.call': (input: { serverId: string; call: CallName; input: unknown }) => Promise<unknown>;
  /** Prepare on the source, admit on the target, create on the source; undone if a step fails. */
  'replication.connect': (input: {
    sourceId: string;
    targetId: string;
    setName: string;
    map: MapSpec;
    mirror: MirrorOptions | null;
  }) => Promise<ConnectionSnapshot>;
  /** Prepares on the server that holds the data, admits on the one that receives them, and begins; undone if a step fails. */
  'replication.restore': (input: {
    holderId: string;
    receiverId: string;
    choice: RestoreChoice;
    overwrite: OverwritePolicy;
    checksum: boolean;
    owners: 'number' | 'name';
    plan: boolean;
  }) => Promise<RestoreSnapshot>;
  /**
   * Draws a sample and restores it into a new folder below `folder`. `sourceId`: the source, whose own files are compared; null: it is not
   * asked. `seed` null: a new one.
   */
  'replication.drill': (input: {
    holderId: string;
    receiverId: string;
    from: RestoreFrom;
    folder: string;
    owners: 'number' | 'name';
    files: number;
    seed: string | null;
    sourceId: string | null;
  }) => Promise<RestoreSnapshot>;
  /** Oldest first, at most the last 30 minutes. */
  'statistics.history': (input: { serverId: string; connectionId: string }) => Promise<readonly StatisticsSample[]>;
  /**
   * Runs a text of the scripting language over this console's sessions; its lines arrive as updates before the result. A sitting is named by
   * the page and keeps its variables and its source.
   */
  'script.run': (input: { sittingId: string; text: string }) => Promise<ScriptResult>;
  'script.complete': (input: { sittingId: string; line: string }) => Promise<ScriptCompletion>;
  /** Interrupts what a sitting runs. */
  'script.stop': (input: { sittingId: string }) => Promise<null>;
};
export type ConsoleCallName = keyof ConsoleCalls;

/** What the console pushes to its renderer: every service's updates with the server's id, and its own list of servers. */
export type ConsoleUpdate =
  | { readonly name: 'servers'; readonly value: readonly KnownServer[] }
  | { readonly name: 'script'; readonly sittingId: string; readonly value: readonly ScriptLine[] }
  | { [K in keyof Updates]: { readonly name: K; readonly serverId: string; readonly value: Updates[K] } }[keyof Updates];

const name = z.string().min(1).max(100);
const owners = z.enum(['number', 'name']);
const byServer = z.strictObject({ serverId: name });
export const consoleInputs: { readonly [K in ConsoleCallName]: z.ZodType<Parameters<ConsoleCalls[K]>[0]> } = {
  'console.info': z.null(),
  'servers.list': z.null(),
  'servers.probe': z.strictObject({ address: name }),
  'servers.add': z.strictObject({ name, address: name, fingerprint: z.string().min(1).max(200) }),
  'servers.remove': byServer,
  'servers.login': z.strictObject({ serverId: name, user: name, password: name, remember: z.boolean() }),
  'servers.logout': byServer,
  'service.call': z.strictObject({
    serverId: name,
    call: z.enum(Object.keys(inputs) as [CallName, ...CallName[]]),
    input: z.unknown(),
  }),
  'replication.connect': z.strictObject({
    sourceId: name,
    targetId: name,
    setName: name,
    map: mapSpec,
    mirror: mirrorOptions.nullable(),
  }),
  'replication.restore': z.strictObject({
    holderId: name,
    receiverId: name,
    choice: restoreChoice,
    overwrite: z.enum(overwritePolicies),
    checksum: z.boolean(),
    owners,
    plan: z.boolean(),
  }),
  'replication.drill': z.strictObject({
    holderId: name,
    receiverId: name,
    from: restoreFrom,
    folder: z.string().min(1).max(4096),
    owners,
    files: z.int().min(1).max(MOST_SAMPLED),
    seed: z.string().min(1).max(100).nullable(),
    sourceId: name.nullable(),
  }),
  'statistics.history': z.strictObject({ serverId: name, connectionId: z.uuid() }),
  'script.run': z.strictObject({ sittingId: z.uuid(), text: z.string().max(1_000_000) }),
  'script.complete': z.strictObject({ sittingId: z.uuid(), line: z.string().max(10_000) }),
  'script.stop': z.strictObject({ sittingId: z.uuid() }),
};

/** `service.call` with the types of the call it carries. */
export interface ServiceCaller {
  call<K extends CallName>(call: K, input: CallInput<K>): Promise<CallResult<K>>;
}

/** How the renderer speaks to the console's main side, over Electron IPC or a WebSocket alike. */
export interface ConsoleTransport {
  invoke<K extends ConsoleCallName>(call: K, input: Parameters<ConsoleCalls[K]>[0]): ReturnType<ConsoleCalls[K]>;
  /** Updates from now on; the returned function ends them. */
  subscribe(listener: (update: ConsoleUpdate) => void): () => void;
}
