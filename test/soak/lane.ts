import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { toReplicationError } from '../../src-main/base/index.ts';
import { operate } from '../support/property/operations.ts';
import type { Random } from '../support/property/random.ts';
import { Replica } from '../support/replica.ts';
import type { ServicePair } from '../support/service-pair.ts';

const MIRRORS = [{ kind: 'all' }, { kind: 'different' }, { kind: 'checksum' }] as const;
const EQUAL_TIMEOUT_MS = 120_000;

/** One connection of a soak: a tree that never rests, and orders that an administrator may give at any time. */
export class Lane {
  readonly replica: Replica;
  readonly #pair: ServicePair;
  readonly #random: Random;
  readonly #outside: string;
  operations = 0;

  constructor(pair: ServicePair, name: string, random: Random) {
    this.#pair = pair;
    this.#random = random;
    this.replica = new Replica(pair, name);
    this.#outside = `${pair.folder}/trees/${name}, outside`;
    mkdirSync(this.#outside);
  }

  async connect(): Promise<void> {
    for (let i = 0; i < 40; i++) this.operate();
    await this.replica.connect(this.#random.pick(MIRRORS));
    // A tree of which all files come and go within minutes is what the guard is there to halt; here it is meant.
    const guard = { removedFiles: null, rewrittenFiles: null, emptiedFiles: null };
    await this.#pair.call('source', 'connection.configure', { connectionId: this.replica.id, settings: { guard } });
  }

  operate(): string {
    this.operations++;
    return operate({ root: this.replica.source, outside: this.#outside, random: this.#random });
  }

  /** Orders with their weights; each may be refused by the state, which is part of the game. */
  get orders(): readonly (readonly [weight: number, name: string, give: () => Promise<unknown>])[] {
    const { id: connectionId } = this.replica;
    const call = this.#pair.tryCall.bind(this.#pair);
    const reason = 'soak';
    return [
      [3, 'pause', () => call('source', 'transmission.pause', { connectionId, reason })],
      [3, 'resume', () => call('source', 'transmission.resume', { connectionId })],
      [1, 'stop', () => call('source', 'transmission.stop', { connectionId, reason })],
      [1, 'start', () => call('source', 'transmission.start', { connectionId })],
      [3, 'mirror', () => call('source', 'mirror.start', { connectionId, options: this.#random.pick(MIRRORS) })],
      [1, 'stop the mirror', () => call('source', 'mirror.stop', { connectionId })],
      [1, 'pause the mirror', () => call('source', 'mirror.pause', { connectionId })],
      [1, 'resume the mirror', () => call('source', 'mirror.resume', { connectionId })],
      [2, 'hold the target', () => call('target', 'replica.hold', { connectionId, reason })],
      [2, 'let the target go on', () => call('target', 'replica.resume', { connectionId })],
    ];
  }

  /** Ends all orders; both services run. Then the trees must become equal by themselves. */
  async comesToRest(): Promise<void> {
    const { id: connectionId } = this.replica;
    await this.#pair.tryCall('source', 'transmission.start', { connectionId });
    await this.#pair.tryCall('source', 'transmission.resume', { connectionId });
    await this.#pair.tryCall('target', 'replica.resume', { connectionId });
    // A mirror that was stopped leaves the replica unmirrored, and a paused one waits: an administrator would mirror again.
    const giveUpAtMs = Date.now() + EQUAL_TIMEOUT_MS;
    for (;;) {
      const { mirror, targetData } = await this.replica.get();
      if (mirror.kind === 'paused') await this.#pair.tryCall('source', 'mirror.resume', { connectionId });
      else if (mirror.kind === 'idle' && targetData !== 'good') {
        await this.#pair.tryCall('source', 'mirror.start', { connectionId, options: { kind: 'different' } });
      } else if (mirror.kind === 'idle') break;
      if (Date.now() > giveUpAtMs) throw new Error(`the mirror does not end: ${JSON.stringify(await this.replica.get())}`);
      await delay(50);
    }
    await this.replica.becomesEqual(EQUAL_TIMEOUT_MS).catch((error: unknown) => {
      throw new Error(`not equal: ${toReplicationError(error).message}`, { cause: error });
    });
  }
}
