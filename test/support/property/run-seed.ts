import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionSnapshot, MapSpec, SetRule } from '../../../src-main/api/index.ts';
import { showName, toReplicationError } from '../../../src-main/base/index.ts';
import { isQuiet } from '../../../src-main/cli/demo/followed-connection.ts';
import { compileRules } from '../../../src-main/engine/model/index.ts';
import { compareTrees, type Comparison } from '../../../src-main/engine/verify/index.ts';
import type { ServicePair, Side } from '../service-pair.ts';
import { operate, type Ground } from './operations.ts';
import { Random } from './random.ts';

const EQUAL_TIMEOUT_MS = 45_000;
/** A connection that says "good, nothing under way" for so long while the trees differ is wrong, not slow. */
const MOST_QUIET_MS = 4_000;
const POLL_MS = 20;
const MIRRORS = [{ kind: 'all' }, { kind: 'different' }, { kind: 'checksum' }] as const;

/**
 * One run: a random tree, a connection, rounds of random operations on the source with random disturbances in between; then all
 * disturbances end, and source and replica must become equal by themselves. Throws with the whole story when they do not.
 */
export async function runSeed(pair: ServicePair, seed: number): Promise<void> {
  const run = new SeededRun(pair, seed);
  try {
    await run.go();
  } catch (error) {
    throw new Error(`seed ${seed}: ${toReplicationError(error).message}\n${run.story()}\n${pair.logs()}`, { cause: error });
  }
}

class SeededRun {
  readonly #pair: ServicePair;
  readonly #random: Random;
  readonly #ground: Ground;
  readonly #replica: string;
  readonly #setName: string;
  readonly #mayKill: boolean;
  readonly #story: string[] = [];
  #rules: SetRule[] = [];
  #connectionId = '';

  constructor(pair: ServicePair, seed: number) {
    this.#pair = pair;
    this.#random = new Random(seed);
    const folder = `${pair.folder}/runs/${seed}`;
    this.#ground = { root: `${folder}/root`, outside: `${folder}/outside`, random: this.#random };
    this.#replica = `${folder}/replica`;
    this.#setName = `run-${seed}`;
    this.#mayKill = seed % 4 === 0;
  }

  story(): string {
    return this.#story.join('\n');
  }

  async go(): Promise<void> {
    // A run that failed in the middle leaves nothing to the next one.
    await this.#pair.undisturbed();
    const { root, outside } = this.#ground;
    mkdirSync(root, { recursive: true });
    mkdirSync(outside);
    for (let i = this.#random.between(0, 40); i > 0; i--) this.#operate();
    await this.#connect();
    for (let round = this.#random.between(2, 6); round > 0; round--) {
      for (let i = this.#random.between(1, 20); i > 0; i--) {
        this.#operate();
        if (this.#random.chance(0.3)) await delay(this.#random.between(0, 15));
      }
      await this.#disturb();
    }
    await this.#calmDown();
    await this.#becomesEqual();
    await this.#cleanUp();
  }

  #operate(): void {
    this.#tell(operate(this.#ground));
  }

  #tell(line: string): void {
    this.#story.push(`  ${showName(line.replaceAll('L'.repeat(200), 'LLL'))}`);
  }

  async #connect(): Promise<void> {
    const { root } = this.#ground;
    this.#rules = [{ path: root, verdict: 'include', recursive: true }];
    if (this.#random.chance(0.25)) this.#rules.push({ path: `${root}/*.tmp`, verdict: 'exclude', recursive: true });
    if (this.#random.chance(0.15)) this.#rules.push({ path: `${root}/a`, verdict: 'exclude', recursive: true });
    const map: MapSpec = this.#random.chance(0.5)
      ? { kind: 'base', base: this.#replica }
      : { kind: 'pairs', pairs: [{ from: root, to: `${this.#replica}/kept` }] };
    const mirror = this.#random.pick(MIRRORS);
    this.#tell(`connect, mirror ${mirror.kind}, rules ${this.#rules.length}, map ${map.kind}`);
    const name = this.#setName;
    await this.#pair.call('source', 'set.create', { name });
    for (const rule of this.#rules) await this.#pair.call('source', 'set.add-rule', { name, rule });
    await this.#pair.call('source', 'set.save', { name });
    this.#connectionId = (await this.#pair.connect(name, map, mirror)).id;
  }

  async #disturb(): Promise<void> {
    const connectionId = this.#connectionId;
    const { proxy } = this.#pair;
    const disturbances: [number, string, () => unknown][] = [
      [8, 'nothing', () => undefined],
      [4, 'a while', () => delay(this.#random.between(20, 150))],
      [3, 'pause', () => this.#call('transmission.pause', { connectionId, reason: 'test' })],
      [3, 'resume', () => this.#call('transmission.resume', { connectionId })],
      [1, 'stop', () => this.#call('transmission.stop', { connectionId, reason: 'test' })],
      [1, 'start', () => this.#call('transmission.start', { connectionId })],
      [2, 'start a mirror', () => this.#call('mirror.start', { connectionId, options: this.#random.pick(MIRRORS) })],
      [1, 'pause the mirror', () => this.#call('mirror.pause', { connectionId })],
      [1, 'resume the mirror', () => this.#call('mirror.resume', { connectionId })],
      [2, 'hold the target', () => this.#pair.tryCall('target', 'replica.hold', { connectionId, reason: 'test' })],
      [2, 'let the target go on', () => this.#pair.tryCall('target', 'replica.resume', { connectionId })],
      [3, 'cut the line', () => proxy.cut()],
      [2, 'cut the line in the middle', () => proxy.cutAfter(this.#random.between(1, 200_000))],
      [3, 'restore the line', () => proxy.restore()],
      // So slow that files are changed, moved and removed while they are half sent.
      [3, 'limit the line', () => this.#limit(this.#random.between(200_000, 1_000_000))],
      [1, 'no limit', () => this.#limit(null)],
    ];
    if (this.#mayKill) {
      const sides: Side[] = ['source', 'target'];
      for (const side of sides) {
        disturbances.push([3, `kill the ${side}`, () => this.#pair.kill(side)]);
        disturbances.push([3, `start the ${side}`, () => this.#pair.start(side)]);
        disturbances.push([1, `stop the ${side} cleanly`, () => this.#pair.stop(side)]);
      }
      disturbances.push([2, 'kill both', () => Promise.all(sides.map((side) => this.#pair.kill(side)))]);
    }
    const [, name, act] = this.#random.pickWeighted(disturbances.map((entry) => [entry[0], entry] as const));
    this.#tell(`= ${name}`);
    await act();
  }

  /** A call that may not fit the present state; that is part of the game. */
  async #call(
    name:
      | 'transmission.pause'
      | 'transmission.resume'
      | 'transmission.stop'
      | 'transmission.start'
      | 'mirror.start'
      | 'mirror.pause'
      | 'mirror.resume',
    input: object,
  ): Promise<void> {
    if (!this.#pair.services.source.isRunning) return;
    try {
      await this.#pair.call('source', name, input as never);
    } catch (error) {
      const { code } = toReplicationError(error);
      if (!['mirror-running', 'no-mirror'].includes(code)) throw error;
      this.#tell(`  (${code})`);
    }
  }

  async #limit(bytesPerSec: number | null): Promise<void> {
    if (!this.#pair.services.source.isRunning) return;
    const { fingerprint: targetFingerprint } = this.#pair.services.target;
    await this.#pair.call('source', 'line.configure', { targetFingerprint, settings: { limits: { bytesPerSec } } });
  }

  async #calmDown(): Promise<void> {
    this.#tell('= all disturbances end');
    await this.#pair.undisturbed();
    const connectionId = this.#connectionId;
    await this.#limit(null);
    await this.#pair.tryCall('target', 'replica.resume', { connectionId });
    await this.#call('transmission.start', { connectionId });
    await this.#call('transmission.resume', { connectionId });
    await this.#call('mirror.resume', { connectionId });
  }

  async #becomesEqual(): Promise<void> {
    const giveUpAtMs = Date.now() + EQUAL_TIMEOUT_MS;
    let quietSinceMs = Infinity;
    for (;;) {
      const snapshot = await this.#pair.call('source', 'connection.get', { connectionId: this.#connectionId });
      const quiet = isQuiet(snapshot);
      // Right after a restart the service does not know yet that a paused mirror is among what it restores, and refuses to resume it.
      if (snapshot.mirror.kind === 'paused') await this.#call('mirror.resume', { connectionId: this.#connectionId });
      const now = Date.now();
      quietSinceMs = quiet ? Math.min(quietSinceMs, now) : Infinity;
      const isLate = now > giveUpAtMs;
      // To read both trees takes the processor from the services, so only when that can end the run.
      const result = quiet || isLate ? await this.#compare(snapshot) : null;
      if (result?.isEqual === true && quiet && snapshot.problemCount === 0) return;
      if (snapshot.halt !== null) throw new Error(`halted: ${snapshot.halt.cause}`);
      if (result !== null && now - quietSinceMs > MOST_QUIET_MS) throw new Error(`says good, but ${describe(result, snapshot)}`);
      if (result !== null && isLate)
        throw new Error(`does not become ${result.isEqual ? 'quiet' : 'equal'}: ${describe(result, snapshot)}`);
      await delay(POLL_MS);
    }
  }

  async #compare({ roots }: ConnectionSnapshot): Promise<Comparison> {
    const rules = compileRules(this.#rules, []);
    const to = roots[0]?.to ?? '';
    return compareTrees([{ from: this.#ground.root, to }], { bytes: true, selects: rules.selects.bind(rules) });
  }

  async #cleanUp(): Promise<void> {
    await this.#pair.call('source', 'connection.disconnect', { connectionId: this.#connectionId });
    await this.#pair.call('source', 'set.delete', { name: this.#setName });
    rmSync(this.#replica.slice(0, this.#replica.lastIndexOf('/')), { recursive: true, force: true });
  }
}

function describe(
  { differences, list }: Comparison,
  { link, mirror, transmission, statistics, targetData, problems }: ConnectionSnapshot,
): string {
  const shown = list
    .slice(0, 12)
    .map(({ path, what, source, target }) => `  ! ${what} ${showName(path)}: ${source ?? '-'} / ${target ?? '-'}`);
  const state = {
    link,
    mirror: mirror.kind,
    transmission: transmission.kind,
    targetData,
    statistics,
    problems: problems.slice(0, 3),
  };
  return `${differences} differences\n${shown.join('\n')}\n  ${JSON.stringify(state)}`;
}
