import { setTimeout as delay } from 'node:timers/promises';
import { formatDuration, toReplicationError } from '../../src-main/base/index.ts';
import { Random } from '../support/property/random.ts';
import { ServicePair, type Side } from '../support/service-pair.ts';
import { Lane } from './lane.ts';
import { judge, readVitals, type Growth, type Vitals } from './vitals.ts';

const SIDES: readonly Side[] = ['source', 'target'];
const LANES = 2;
/** So long the trees change and the services are disturbed between two comparisons. */
const ROUND_MS = 10_000;
/** This part of the time has kills. After it the services live on, so that what grows shows. */
const KILLING_SHARE = 0.4;
/** This part of a long life is warm-up. */
const WARM_UP_SHARE = 0.25;
/** What a service does at the end of its work takes less. */
const CALM_MS = 3_000;
const STORY_LINES = 120;

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface SoakResult {
  readonly operations: number;
  readonly disturbances: Readonly<Record<string, number>>;
  /** How often all trees were compared, byte by byte, and found equal. */
  readonly comparisons: number;
  readonly growth: Readonly<Record<Side, Growth>>;
}

/**
 * Two services, trees that change without rest, and everything that can happen to them; now and then all must come to rest and be
 * equal. Rejects, with the last of the story, when they do not.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const pair = await ServicePair.start();
  const run = new Soak(pair, options);
  try {
    return await run.go();
  } catch (error) {
    throw new Error(`seed ${options.seed}: ${toReplicationError(error).message}\n${run.story}\n${pair.logs()}`, { cause: error });
  } finally {
    await pair.close();
  }
}

class Soak {
  readonly #pair: ServicePair;
  readonly #options: SoakOptions;
  readonly #random: Random;
  readonly #lanes: readonly Lane[];
  readonly #startedMs = Date.now();
  readonly #counts: Record<string, number> = {};
  readonly #vitals: Record<Side, Vitals[]> = { source: [], target: [] };
  #story: string[] = [];
  #comparisons = 0;

  constructor(pair: ServicePair, options: SoakOptions) {
    this.#pair = pair;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#lanes = Array.from({ length: LANES }, (_, i) => new Lane(pair, `lane ${i + 1}`, this.#random));
  }

  get story(): string {
    return this.#story.join('\n');
  }

  async go(): Promise<SoakResult> {
    const totalMs = this.#options.minutes * 60_000;
    for (const lane of this.#lanes) await lane.connect();
    while (this.#elapsedMs < totalMs) {
      const mayKill = this.#elapsedMs < totalMs * KILLING_SHARE;
      await this.#changeAndDisturb(Math.min(ROUND_MS, totalMs / 8), mayKill);
      await this.#comeToRest();
      if (!mayKill) await this.#look();
    }
    return {
      operations: this.#operations,
      disturbances: this.#counts,
      comparisons: this.#comparisons,
      growth: { source: this.#judge('source'), target: this.#judge('target') },
    };
  }

  get #elapsedMs(): number {
    return Date.now() - this.#startedMs;
  }

  get #operations(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.operations, 0);
  }

  async #changeAndDisturb(forMs: number, mayKill: boolean): Promise<void> {
    const endMs = Date.now() + forMs;
    while (Date.now() < endMs) {
      const lane = this.#random.pick(this.#lanes);
      for (let i = this.#random.between(1, 20); i > 0; i--) {
        this.#tell(lane.operate());
        if (this.#random.chance(0.2)) await delay(this.#random.between(0, 10));
      }
      await this.#disturb(lane, mayKill);
    }
  }

  async #disturb(lane: Lane, mayKill: boolean): Promise<void> {
    const { proxy } = this.#pair;
    const disturbances: (readonly [number, string, () => unknown])[] = [
      [20, 'nothing', () => undefined],
      [10, 'a while', () => delay(this.#random.between(20, 300))],
      ...lane.orders,
      [2, 'cut the line', () => proxy.cut()],
      [2, 'cut the line in the middle', () => proxy.cutAfter(this.#random.between(1, 500_000))],
      [1, 'swallow what is sent', () => proxy.swallow()],
      [6, 'restore the line', () => proxy.restore()],
    ];
    if (mayKill) {
      for (const side of SIDES) {
        disturbances.push([2, `kill the ${side}`, () => this.#pair.kill(side)]);
        disturbances.push([1, `stop the ${side} cleanly`, () => this.#pair.stop(side)]);
        disturbances.push([4, `start the ${side}`, () => this.#pair.start(side)]);
      }
      disturbances.push([1, 'kill both', () => Promise.all(SIDES.map((side) => this.#pair.kill(side)))]);
    }
    const [, name, act] = this.#random.pickWeighted(disturbances.map((entry) => [entry[0], entry] as const));
    if (name !== 'nothing') {
      this.#tell(`= ${name}`);
      this.#counts[name] = (this.#counts[name] ?? 0) + 1;
    }
    await act();
  }

  async #comeToRest(): Promise<void> {
    this.#tell('= all disturbances end');
    this.#pair.proxy.restore();
    await Promise.all(SIDES.map((side) => this.#pair.start(side)));
    const startedMs = Date.now();
    for (const lane of this.#lanes) await lane.comesToRest();
    this.#comparisons++;
    const tookMs = Date.now() - startedMs;
    this.#options.say(`equal after ${(tookMs / 1000).toFixed(1)} s; ${this.#operations} operations`);
    this.#story = [];
  }

  /** Takes the figures of services that have nothing to do. */
  async #look(): Promise<void> {
    const figures: string[] = [];
    for (const side of SIDES) {
      const vitals = await this.#vitalsOf(side);
      if (vitals === null) figures.push(`${side}: not there`);
      else {
        this.#vitals[side].push(vitals);
        figures.push(`${side} ${vitals.residentMib.toFixed(0)} MiB, ${vitals.descriptors.length} descriptors`);
      }
    }
    this.#options.say(figures.join('; '));
  }

  /** A mirror's thread that sums the set may outlive a short mirror by a moment: what is open beyond the least so far has to stay to count. */
  async #vitalsOf(side: Side): Promise<Vitals | null> {
    const least = Math.min(...this.#vitals[side].map(({ descriptors }) => descriptors.length));
    const giveUpAtMs = Date.now() + CALM_MS;
    for (;;) {
      const vitals = readVitals(this.#pair.services[side].pid ?? 0, this.#elapsedMs);
      if (vitals === null || vitals.descriptors.length <= least || Date.now() > giveUpAtMs) return vitals;
      await delay(50);
    }
  }

  #judge(side: Side): Growth {
    const all = this.#vitals[side];
    return judge(all.slice(Math.floor(all.length * WARM_UP_SHARE)));
  }

  #tell(line: string): void {
    this.#story.push(`  ${formatDuration(this.#elapsedMs)} ${line.replaceAll('L'.repeat(200), 'LLL')}`);
    if (this.#story.length > STORY_LINES * 10) this.#story = this.#story.slice(-STORY_LINES);
  }
}
