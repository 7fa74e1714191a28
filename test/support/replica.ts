import { mkdirSync } from 'node:fs';
import type { CallInput, ConnectionSnapshot, MirrorOptions, ReplicaSnapshot, SetRule } from '../../src-main/api/index.ts';
import { rawName } from '../../src-main/base/index.ts';
import { isQuiet } from '../../src-main/cli/demo/followed-connection.ts';
import { compareTrees } from '../../src-main/engine/verify/index.ts';
import { eventually } from './eventually.ts';
import type { ServicePair } from './service-pair.ts';

/** After so long without a sign of work nothing is on its way. */
const STILL_MS = 1_500;

/** A set of one folder of a pair, connected to a folder of its own on the target. */
export class Replica {
  readonly source: string;
  target: string;
  readonly #pair: ServicePair;
  /** Of its set. */
  readonly name: string;
  #id = '';

  constructor(
    pair: ServicePair,
    name: string,
    target = `${pair.folder}/replicas/${name}`,
    source = `${pair.folder}/trees/${name}`,
  ) {
    this.#pair = pair;
    this.name = name;
    this.source = source;
    this.target = target;
    mkdirSync(this.source, { recursive: true });
  }

  get id(): string {
    return this.#id;
  }

  /** `host`: another way to the target than the pair's proxy on loopback. */
  async connect(mirror: MirrorOptions | null, rules: readonly SetRule[] = [], host?: string): Promise<void> {
    const name = this.name;
    await this.#pair.call('source', 'set.create', { name });
    const all: SetRule[] = [{ path: this.source, verdict: 'include', recursive: true }, ...rules];
    await this.#pair.call('source', 'set.replace-rules', { name, rules: all });
    await this.#pair.call('source', 'set.save', { name });
    await this.connectAgain(mirror, host);
  }

  async connectAgain(mirror: MirrorOptions | null, host?: string): Promise<void> {
    const map = { kind: 'pairs', pairs: [{ from: this.source, to: this.target }] } as const;
    this.#id = (await this.#pair.connect(this.name, map, mirror, host)).id;
  }

  async disconnect(): Promise<void> {
    await this.#pair.call('source', 'connection.disconnect', { connectionId: this.#id });
  }

  get(): Promise<ConnectionSnapshot> {
    return this.#pair.call('source', 'connection.get', { connectionId: this.#id });
  }

  /** As the target has it. */
  async held(): Promise<ReplicaSnapshot> {
    const replicas = await this.#pair.call('target', 'replica.list', null);
    const found = replicas.find(({ connectionId }) => connectionId === this.#id);
    if (found === undefined) throw new Error('the target does not hold the replica');
    return found;
  }

  async when(what: string, isTrue: (snapshot: ConnectionSnapshot) => boolean, timeoutMs = 30_000): Promise<ConnectionSnapshot> {
    let last: ConnectionSnapshot | null = null;
    return eventually(
      what,
      async () => {
        last = await this.get();
        return isTrue(last) ? last : null;
      },
      timeoutMs,
    ).catch((error: unknown) => {
      throw new Error(`${what}: ${JSON.stringify(last)}`, { cause: error });
    });
  }

  /** Starts a mirror and waits until it is complete on the target. */
  async mirror(options: MirrorOptions, more: Partial<CallInput<'mirror.start'>> = {}): Promise<ConnectionSnapshot> {
    const { mirror } = await this.get();
    const before = mirror.kind === 'idle' ? mirror.lastCompletedAt : null;
    await this.#pair.call('source', 'mirror.start', { connectionId: this.#id, options, ...more });
    return this.mirrored(before);
  }

  /** A mirror is complete, other than the one that completed at `before`. */
  mirrored(before: string | null = null): Promise<ConnectionSnapshot> {
    return this.when(
      'the mirror completes',
      ({ mirror }) => mirror.kind === 'idle' && mirror.lastCompletedAt !== null && mirror.lastCompletedAt !== before,
    );
  }

  /** All changes so far are applied. */
  async settled(): Promise<void> {
    let sinceMs = Date.now();
    await this.when('nothing is on its way', ({ statistics: s, replication, mirror }) => {
      const isStill =
        s.queuedOps + s.inFlightOps + s.targetQueueOps === 0 && replication === 'replicating' && mirror.kind === 'idle';
      if (!isStill) sinceMs = Date.now();
      // A notice takes a moment to arrive, removals are held back for half a second, and a state at rest is told as seldom.
      return Date.now() - sinceMs > STILL_MS;
    });
  }

  async answer(answer: string): Promise<void> {
    await this.#pair.call('source', 'connection.answer', { connectionId: this.#id, answer });
  }

  /** As `answer`, for a question that may have settled itself: a folder that is back as it was is accepted without a person. */
  async answerIfAsked(answer: string): Promise<void> {
    try {
      await this.answer(answer);
    } catch (error) {
      if ((await this.get()).halt !== null) throw error;
    }
  }

  /** Nothing is under way and every byte is the same. */
  async becomesEqual(timeoutMs = 30_000): Promise<void> {
    let last: ConnectionSnapshot | null = null;
    const isEqual = async () => {
      last = await this.get();
      // To read both trees again and again would take the processor from the services that work on it.
      return isQuiet(last) && (await this.differences()).length === 0;
    };
    await eventually('equal trees', isEqual, timeoutMs).catch(async (error: unknown) => {
      throw new Error(JSON.stringify({ differences: await this.differences(), last }), { cause: error });
    });
  }

  async differences(): Promise<string[]> {
    const { list } = await compareTrees([{ from: rawName(this.source), to: rawName(this.target) }], { bytes: true });
    return list.map(({ what, path }) => `${what} ${path.slice(this.source.length)}`);
  }
}
