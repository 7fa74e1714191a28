import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { initialConnectionSettings, type MirrorOptions } from '../../src-main/api/index.ts';
import { assembleSource, type SourceStages } from '../../src-main/engine/connection/source/assemble-source.ts';
import { Doubts } from '../../src-main/engine/connection/source/doubts.ts';
import { InstantCut } from '../../src-main/engine/connection/source/copies/instant-cut.ts';
import { CommonCut } from '../../src-main/engine/connection/source/common-cut.ts';
import { Freezing } from '../../src-main/engine/connection/source/hooks/freezing.ts';
import { bellPath } from '../../src-main/engine/connection/source/source-protocol.ts';
import { SyncBell } from '../../src-main/engine/capture/index.ts';
import { createBlockHasher } from '../../src-main/engine/fs/index.ts';
import { LineMeter } from '../../src-main/engine/transmit/index.ts';
import type { Notice, Place } from '../../src-main/engine/model/index.ts';
import { idleScouts } from './idle-scouts.ts';
import { tempFolder } from './temp-folder.ts';
import { MemoryTarget } from './memory-target.ts';

/**
 * The real stages of a source over a real folder, with a target in memory. Notices are given by the test, so that their order and the
 * moment at which each is followed are its choice.
 */
export class SourceStagesBench {
  readonly stages: SourceStages;
  readonly target: MemoryTarget;
  readonly doubts: Doubts;

  readonly #bell: string;

  private constructor(stages: SourceStages, target: MemoryTarget, bell: string) {
    this.stages = stages;
    this.target = target;
    this.doubts = new Doubts(stages);
    this.#bell = bell;
  }

  static async open(
    folder: string,
    catalogFile = `${tempFolder()}/catalog`,
    settings = initialConnectionSettings,
  ): Promise<SourceStagesBench> {
    const hasher = await createBlockHasher();
    const breathe = async () => {
      stages.outbox.flush();
      await nextTurn();
    };
    const stages: SourceStages = assembleSource({
      spec: {
        version: 1, id: 'bench', setName: 'files', rules: [{ path: folder, verdict: 'include', recursive: true }],
        map: { kind: 'base', base: '/replica' }, roots: [{ from: folder, to: '/replica' }], warnings: [], sourceName: 'alpha', targetName: 'beta',
        targetHost: '127.0.0.1', targetDataPort: 1, targetFingerprint: '', createdAt: new Date(0).toISOString(), hold: null, park: null, settings,
      },
      settings: () => settings, meter: new LineMeter(),
      queueFolder: `${tempFolder()}/queue`,
      onQueueLost: () => undefined,
      common: new CommonCut({ report: () => undefined }),
      freezing: new Freezing({ settings: () => ({ freeze: null, timeoutSeconds: 1 }), ask: () => undefined, end: () => undefined }),
      volumes: [], catalogFile, isNew: true, hasher, scouts: idleScouts, breathe, drain: breathe, rest: breathe, pause: breathe,
      isFull: () => false,
      isOfLink: () => false,
      isUnwatched: () => false,
      wantSize: () => undefined,
      planning: { plan: () => undefined, dropPlan: () => undefined, onLimited: () => undefined },
      onProblem: (text) => {
        throw new Error(text);
      },
    }); // prettier-ignore
    const target = new MemoryTarget(hasher, (message, payload) => {
      if (message.kind === 'taken') stages.outbox.window.taken(message.bytes);
      else stages.requests.handle(message, payload);
    });
    stages.catalog.setFact('roots', JSON.stringify(stages.roots.adopt()));
    stages.outbox.open(target, 0, 0);
    onTestFinished(() => stages.catalog.close());
    return new SourceStagesBench(stages, target, bellPath(catalogFile));
  }

  at(path: string): Place {
    return { root: 0, path };
  }

  /** A notice that content (or only attributes) changed. */
  touched(path: string, content: boolean): void {
    this.#add({ kind: 'touched', place: this.at(path), content });
  }

  appeared(path: string): void {
    this.#add({ kind: 'appeared', place: this.at(path) });
  }

  renamed(from: string, to: string, isFolder = false): void {
    this.#add({ kind: 'renamed', from: this.at(from), to: this.at(to), isFolder });
  }

  gone(path: string): void {
    this.#add({ kind: 'gone', place: this.at(path), isFolder: false });
  }

  /** Follows every notice that waits, in order; large files do not rest. */
  async follow(): Promise<void> {
    const { queue, follower, hotFiles, outbox } = this.stages;
    for (let item = queue.peek(); item !== undefined; item = queue.peek()) {
      queue.close(item);
      await follower.follow(item);
      queue.shift(item);
      for (const place of hotFiles.takeAll()) this.touched(place.path, true);
    }
    outbox.flush();
  }

  /** Sends large files to their end; only those of a mirror, or those that changed. */
  async transfer(lane: 'live' | 'mirror' = 'live'): Promise<void> {
    const { outbox, transfers } = this.stages;
    while (transfers.has(lane)) {
      if (!(await transfers.step(lane))) await nextTurn();
      this.target.take();
    }
    outbox.flush();
  }

  /** An attempt to cut at one instant; `told` runs when the capture is asked whether it has told everything, and before it says so. */
  cutAtOneInstant(told: () => void, patienceMs = 300): Promise<boolean> {
    const { stages } = this;
    const bell = SyncBell.make(this.#bell);
    stages.sync.started();
    onTestFinished(() => {
      stages.sync.close();
      bell?.close();
    });
    const breathe = async () => {
      stages.outbox.flush();
      await nextTurn();
    };
    const wake = {
      signal: () => undefined,
      wait: async () => {
        await nextTurn();
        const { request } = bell?.take() ?? { request: null };
        if (request === null) return;
        told();
        stages.sync.answered(request);
      },
    };
    const cut = new InstantCut({
      stages,
      doubts: this.doubts,
      flow: { breathe, check: () => undefined, mustBreathe: false },
      wake,
      signal: new AbortController().signal,
      follow: async (item) => {
        stages.queue.close(item);
        await stages.follower.follow(item);
        stages.queue.shift(item);
      },
      sendFolderTimes: () => undefined,
    });
    return cut.attempt(patienceMs);
  }

  /** Compares disk and catalog, as happens when changes have come to rest. */
  async sweep(): Promise<void> {
    const { mirrors, outbox } = this.stages;
    mirrors.sweep();
    while (mirrors.isWalking) {
      if (mirrors.hasWork) await mirrors.step(50, () => false);
      else await nextTurn();
    }
    await this.transfer();
    outbox.flush();
  }

  /** Runs a mirror to its end. */
  async mirror(options: MirrorOptions): Promise<void> {
    const { mirrors, outbox } = this.stages;
    mirrors.start(options);
    while (!mirrors.isSent) {
      if (mirrors.hasWork) await mirrors.step(50, () => false);
      else await nextTurn();
      await this.transfer('mirror');
    }
    outbox.flush();
    mirrors.complete();
  }

  #add(notice: Exclude<Notice, { kind: 'overflow' | 'root-gone' }>): void {
    this.stages.queue.add(notice, Date.now());
  }
}
