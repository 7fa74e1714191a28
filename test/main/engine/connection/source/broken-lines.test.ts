import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { SyncBell } from '../../../../../src-main/engine/capture/index.ts';
import { bellPath } from '../../../../../src-main/engine/connection/source/source-protocol.ts';
import { eventually } from '../../../../support/eventually.ts';
import { Random } from '../../../../support/property/random.ts';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { StrictTarget } from '../../../../support/strict-target.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** Each waits until what was read in doubt is looked at again. More with `UNDERSTUDY_RUNS`; a failure names its seed. */
const CASES = Number(process.env.UNDERSTUDY_RUNS ?? 25);
const FIRST = Number(process.env.UNDERSTUDY_SEED ?? Date.now() % 1_000_000);
/** Far inside a file, and not so far that it counts as large and rests between two sends. */
const FAR_BLOCKS = { least: 5, most: 14 };
const NAMES = ['a', 'b', 'c'];

/** One source and one target over a line that breaks wherever the random numbers say; changes, notices and turns of the loop alternate. */
class BrokenLine {
  readonly folder: string;
  readonly target: StrictTarget;
  readonly #bench: SourceStagesBench;
  readonly #bell: SyncBell | null;
  readonly #random: Random;
  #received = 0;
  #told: (() => void)[] = [];

  private constructor(folder: string, bench: SourceStagesBench, bell: SyncBell | null, random: Random) {
    this.folder = folder;
    this.target = new StrictTarget((message) => {
      if (message.kind === 'taken') bench.stages.outbox.window.taken(message.bytes);
      else bench.stages.requests.handle(message, new Uint8Array());
    });
    this.#bench = bench;
    this.#bell = bell;
    this.#random = random;
  }

  static async open(random: Random): Promise<BrokenLine> {
    const folder = tempFolder();
    const catalogFile = `${tempFolder()}/catalog`;
    const bell = SyncBell.make(bellPath(catalogFile));
    const bench = await SourceStagesBench.open(folder, catalogFile);
    bench.stages.sync.started();
    onTestFinished(() => {
      bench.stages.sync.close();
      bell?.close();
    });
    const line = new BrokenLine(folder, bench, bell, random);
    bench.stages.outbox.open(line.target, 0, 0);
    return line;
  }

  /** A change of the source; its notice comes later. */
  change(): void {
    const random = this.#random;
    const name = random.pick(NAMES);
    const path = `${this.folder}/${name}`;
    const kind = random.next();
    if (kind < 0.3) writeFileSync(path, '');
    else if (kind < 0.6) {
      const fd = openSync(path, 'a+');
      closeSync(fd);
      const inside = openSync(path, 'r+');
      writeSync(inside, `far ${random.next()}`, random.between(FAR_BLOCKS.least, FAR_BLOCKS.most) * 65_536);
      closeSync(inside);
    } else if (kind < 0.8) appendFileSync(path, `near ${random.next()}`);
    else {
      const to = random.pick(NAMES);
      if (to === name || !existsSync(path)) return;
      renameSync(path, `${this.folder}/${to}`);
      this.#told.push(() => this.#bench.renamed(name, to));
      return;
    }
    this.#told.push(() => this.#bench.touched(name, true));
  }

  /** Some notices come, in order. */
  tell(most: number): void {
    for (const tell of this.#told.splice(0, most)) tell();
  }

  /** One turn of the loop over a link. */
  async turn(): Promise<boolean> {
    const { queue, groups, follower, outbox, catalog, tree, folderTimes, sync, transfers } = this.#bench.stages;
    if (transfers.canStep('live') && (queue.ops === 0 || this.#random.chance(0.5))) {
      groups.walking();
      await transfers.step('live');
      return true;
    }
    const item = queue.peek();
    if (item !== undefined) {
      queue.close(item);
      groups.following();
      await follower.follow(item);
      queue.shift(item);
      return true;
    }
    tree.sendFolderTimes(folderTimes.takeAll());
    const isWaiting = groups.rest() !== null;
    const { request = null } = this.#bell?.take() ?? {};
    if (request !== null) sync.answered(request);
    outbox.flush();
    catalog.commit();
    return isWaiting;
  }

  /** The line breaks and is made anew: of what was sent, some was received. */
  breakOff(): void {
    const { catalog, groups, outbox, queue, transfers } = this.#bench.stages;
    const received = this.#random.between(this.#received, this.target.lastSequence());
    outbox.close();
    transfers.linkLost();
    this.target.forgetAfter(received);
    const places = catalog.rollback(received);
    this.#received = received;
    outbox.open(this.target, received, received);
    groups.linked();
    for (const place of places) queue.examine(place, { content: true, deep: true, isSettled: true }, Date.now());
  }

  /** Nothing is changed any more: what was told late is told, what is in doubt is looked at. */
  async settle(): Promise<void> {
    const { catalog, queue, transfers } = this.#bench.stages;
    this.tell(Infinity);
    await eventually('it comes to rest', async () => {
      while (queue.ops > 0) await this.turn();
      for (const place of catalog.inDoubt()) queue.examine(place, { content: true, deep: true, isSettled: true }, Date.now());
      return !(await this.turn()) && queue.ops === 0 && transfers.size === 0;
    });
  }

  onDisk(): Map<string, string> {
    return new Map(readdirSync(this.folder).map((name) => [name, readFileSync(`${this.folder}/${name}`, 'latin1')]));
  }
}

test(
  'wherever the line breaks, and whenever notices come, each file arrives as it is',
  { timeout: 60_000 + CASES * 1_000 },
  async () => {
    for (let seed = FIRST; seed < FIRST + CASES; seed++) {
      const random = new Random(seed);
      const line = await BrokenLine.open(random);
      for (let step = random.between(10, 60); step > 0; step--) {
        const kind = random.next();
        if (kind < 0.3) line.change();
        else if (kind < 0.55) line.tell(random.between(1, 3));
        else if (kind < 0.95) await line.turn();
        else line.breakOff();
      }
      await line.settle();
      const sizes = (files: Map<string, string>) => [...files].map(([name, content]) => `${name} ${content.length}`).sort();
      const files = line.target.files();
      expect(sizes(files), `seed ${seed}`).toEqual(sizes(line.onDisk()));
      for (const [name, content] of line.onDisk()) expect(files.get(name) === content, `seed ${seed}: ${name}`).toBe(true);
    }
  },
);
