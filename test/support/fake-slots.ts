import { initialConnectionSettings, type ConnectionSnapshot, type Cut, type SetRule } from '../../src-main/api/index.ts';
import { ReplicationError } from '../../src-main/base/index.ts';
import type { ConnectionCommand } from '../../src-main/engine/connection/index.ts';
import { connectionSnapshot } from './fake-replicator.ts';

const epoch = new Date(0).toISOString();
export const slotIds = ['a', 'b', 'c'].map((_, i) => `00000000-0000-4000-8000-00000000000${i + 1}`);

/** Connections of one set that park and come back when they are ordered to; what takes time happens at `settle`. */
export class FakeSlots {
  readonly connections = new Map<string, ConnectionSnapshot>();
  readonly orders: string[] = [];
  readonly rules = new Map<string, readonly SetRule[]>();
  /** Connections whose orders take no effect at `settle`. */
  readonly stuck = new Set<string>();
  /** Orders, with the number of their connection, that are refused. */
  readonly refuses = new Set<string>();
  /** Something changes between any two cuts. */
  isRestless = false;
  /** With which connection a pause seeks its cut. */
  readonly #common = new Map<string, string>();
  /** The most that followed the source at once. */
  mostLive = 0;
  readonly #now: () => number;
  #sequence = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(id: string, change: Partial<ConnectionSnapshot> = {}): ConnectionSnapshot {
    const number = this.connections.size + 1;
    const spec = {
      version: 1 as const, id, setName: 'files', rules: [], map: { kind: 'exact' as const }, roots: [{ from: '/srv', to: `/replicas/${number}` }], warnings: [],
      sourceName: 'alpha', targetName: 'beta', targetHost: 'beta', targetDataPort: 1, targetFingerprint: 'AA', createdAt: epoch, hold: null, park: null,
      settings: initialConnectionSettings,
    }; // prettier-ignore
    const made = { ...connectionSnapshot(spec, number), targetData: 'good' as const, ...change };
    this.connections.set(id, made);
    this.rules.set(id, [{ path: '/srv', verdict: 'include', recursive: true }]);
    return made;
  }

  get(id: string): ConnectionSnapshot {
    const found = this.connections.get(id);
    if (found === undefined) throw new ReplicationError('unknown-connection', { connection: id });
    return found;
  }

  change(id: string, change: Partial<ConnectionSnapshot>): void {
    this.connections.set(id, { ...this.get(id), ...change });
    this.mostLive = Math.max(this.mostLive, [...this.connections.values()].filter(({ park }) => park === null).length);
  }

  readonly list = (): readonly ConnectionSnapshot[] => [...this.connections.values()];
  readonly rulesOf = (id: string): readonly SetRule[] => this.rules.get(id) ?? [];

  readonly command = (id: string, command: ConnectionCommand): Promise<unknown> => {
    const order = `${command.kind} ${this.get(id).number}`;
    if (this.refuses.has(order)) return Promise.reject(new ReplicationError('io-error', {}));
    this.orders.push(order);
    const { park } = this.get(id);
    const since = new Date(this.#now()).toISOString();
    switch (command.kind) {
      case 'park':
        if (park === null) this.change(id, { park: { kind: 'leaving', owner: command.owner, reason: command.reason, since } });
        break;
      case 'reconnect':
        if (park === null) return Promise.reject(new ReplicationError('not-disconnected'));
        if (park.kind === 'leaving') this.change(id, { park: null });
        else this.change(id, { park: null, replication: 'disconnected', targetData: 'mirroring', mirror: mirroring(since) });
        break;
      case 'pause-transmission':
        if (command.common === undefined) this.#common.delete(id);
        else this.#common.set(id, command.common);
        this.change(id, { transmission: { kind: 'pausing', since, owner: command.owner, reason: command.reason } });
        break;
      case 'resume-transmission':
        this.change(id, { transmission: { kind: 'active', since } });
        break;
      case 'start-mirror':
        this.change(id, { targetData: 'mirroring', mirror: mirroring(since) });
        break;
      default:
        return Promise.reject(new Error(`not of a rotation: ${command.kind}`));
    }
    return Promise.resolve();
  };

  /** The service was started anew: connections keep their pauses, and seek their cuts alone. */
  restarted(): void {
    this.#common.clear();
  }

  #commonOf(id: string): Pick<Cut, 'common'> {
    const other = this.#common.get(id);
    if (other === undefined) return {};
    const isSame = !this.isRestless;
    return { common: { with: other, isSame, why: isSame ? null : 'the source changed between both cuts' } };
  }

  /** Cuts are reached and mirrors complete. */
  settle(): void {
    const at = new Date(this.#now()).toISOString();
    for (const { id, park, mirror, transmission, targetData } of this.list()) {
      if (this.stuck.has(id)) continue;
      const cut = { sequence: ++this.#sequence, at, label: 'point-in-time' as const };
      if (park?.kind === 'leaving') {
        const standing = transmission.kind === 'paused' ? transmission.cut : cut;
        const parked = { ...park, kind: 'parked' as const, cut: standing, isComplete: targetData === 'good' };
        this.change(id, { park: parked, replication: 'parked', targetData: 'mirror-required' });
      } else if (transmission.kind === 'pausing')
        this.change(id, { transmission: { ...transmission, kind: 'paused', cut: { ...cut, ...this.#commonOf(id) } } });
      else if (mirror.kind !== 'idle') {
        const { options } = mirror;
        const counts = { sentFiles: 1, sentBytes: 10, skippedFiles: 9, skippedBytes: 90, leftFiles: 0, leftBytes: 0 };
        const lastResult = { options, completedAt: at, ...counts };
        this.change(id, {
          replication: 'replicating',
          targetData: 'good',
          mirror: { kind: 'idle', lastCompletedAt: at, lastResult },
        });
      }
    }
  }
}

function mirroring(startedAt: string): ConnectionSnapshot['mirror'] {
  return {
    kind: 'calculating', options: { kind: 'checksum' }, startedAt, calculatedBytes: null, calculatedFiles: null, sentBytes: 0, skippedBytes: 0,
    remainingBytes: null, sentFiles: 0, skippedFiles: 0, percent: null, bytesPerSec: 0, timeLeftMs: null,
  }; // prettier-ignore
}
