import { initialConnectionSettings } from '../../src-main/api/index.ts';
import type {
  ConnectionSnapshot,
  ConsoleCallName,
  ConsoleTransport,
  ConsoleUpdate,
  KnownServer,
  RotationSnapshot,
  SlotSnapshot,
} from '../../src-main/api/index.ts';
import type { ConsoleLink } from '../../src-renderer/api/index.ts';
import { quietLine } from '../support/quiet-line.ts';
import { emptyQueue, quietStatistics } from '../support/quiet-statistics.ts';

type Answer = (input: never) => unknown;

/** A link whose answers a test writes down, call by call; `service.call` is looked up by the call that it carries. */
export class FakeLink implements ConsoleLink {
  readonly state = { kind: 'open' } as const;
  readonly calls: { readonly name: string; readonly input: unknown }[] = [];
  readonly answers: Record<string, Answer>;
  #listeners = new Set<(update: ConsoleUpdate) => void>();

  constructor(answers: Record<string, Answer> = {}) {
    this.answers = answers;
  }

  readonly invoke = (async (name: ConsoleCallName, input: unknown) => {
    const isService = name === 'service.call';
    const inner = isService ? (input as { call: string; input: unknown }) : null;
    const key = inner?.call ?? name;
    this.calls.push({ name: key, input: inner?.input ?? input });
    const answer = this.answers[key];
    if (answer === undefined) throw new Error(`the test has no answer for ${key}`);
    return await answer(input as never);
  }) as ConsoleTransport['invoke'];

  subscribe(listener: (update: ConsoleUpdate) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onState(): () => void {
    return () => undefined;
  }

  retry(): void {
    // Always open.
  }
}

const since = '2026-01-02T03:04:05.000Z';

export function server(id: string, change: Partial<KnownServer> = {}): KnownServer {
  return {
    id,
    name: id,
    address: `${id}:6320`,
    fingerprint: 'AA:BB',
    isEmbedded: false,
    state: { kind: 'online', since, role: 'admin', user: 'ops' },
    ...change,
  };
}

export function snapshot(id: string, change: Partial<ConnectionSnapshot> = {}): ConnectionSnapshot {
  return {
    id,
    number: 1,
    setName: 'Documents',
    sourceName: 'alpha',
    targetName: 'beta',
    targetAddress: 'beta:6321',
    targetFingerprint: 'AB:CD',
    map: { kind: 'base', base: '/replicas' },
    roots: [{ from: '/srv/data', to: '/replicas/srv/data' }],
    warnings: [],
    connectedSince: since,
    link: { kind: 'up', since },
    transmission: { kind: 'active', since },
    mirror: { kind: 'idle', lastCompletedAt: since },
    orphans: null,
    replication: 'replicating',
    holds: [],
    disconnection: null,
    park: null,
    queue: emptyQueue,
    targetData: 'good',
    consistency: 'file-level',
    consistencyWhy: '',
    hooks: { state: 'off', since: new Date(0).toISOString(), last: null },
    capture: { method: 'inotify', why: 'Linux' },
    halt: null,
    problems: [],
    problemCount: 0,
    notCarried: [],
    statistics: quietStatistics,
    settings: initialConnectionSettings,
    line: quietLine(),
    verify: { run: null, last: null, nextAt: null },
    plan: { run: null, last: null, question: null },
    ...change,
  };
}

export function slot(name: string, change: Partial<SlotSnapshot> = {}): SlotSnapshot {
  const place = { connectionId: '1', number: 1, targetName: 'beta', places: ['/replicas'] };
  return { name, ...place, state: 'live', why: '', copy: null, use: null, ...change };
}

/** Its name is its id. */
export function rotation(id: string, change: Partial<RotationSnapshot> = {}): RotationSnapshot {
  return {
    id,
    name: id,
    slots: [],
    schedule: [],
    order: 'safe',
    mirror: { kind: 'checksum' },
    missed: { policy: 'run-late', withinMinutes: 720 },
    isEnabled: true,
    running: null,
    next: null,
    newest: null,
    runs: [],
    ...change,
  };
}
