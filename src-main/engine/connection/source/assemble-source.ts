import type { ConnectionSettings } from '../../../api/index.ts';
import { durableStep, rawName } from '../../../base/index.ts';
import { Catalog, isSameObject } from '../../catalog/index.ts';
import { hasFineTimes, statEntry, type BlockHasher } from '../../fs/index.ts';
import { compileRules, type Place } from '../../model/index.ts';
import { hasLimits, leavePolicy } from '../../mirror/index.ts';
import { SourceQueue, SpillLog, type QueueLoss } from '../../queue/index.ts';
import { FramePacker, Outbox, Requests, type LineMeter } from '../../transmit/index.ts';
import type { ConnectionSpec, Volume } from '../replicator-api.ts';
import { BlockComparer } from './block-comparer.ts';
import { ChangedRanges } from './changed-ranges.ts';
import { Absences } from './absences.ts';
import { CaptureSync } from './capture-sync.ts';
import { Checksums } from './checksums.ts';
import type { CommonCut } from './common-cut.ts';
import { CloneVolumes } from './copies/clone-volumes.ts';
import { CopySender } from './copies/copy-sender.ts';
import { GatheredFiles } from './copies/gathered-files.ts';
import { InstantCopies } from './copies/instant-copies.ts';
import { InstantPace } from './copies/instant-pace.ts';
import { SteadyReads } from './copies/steady-reads.ts';
import { FileContent } from './file-content.ts';
import { DisturbedFolders } from './disturbed-folders.ts';
import { FileSender } from './file-sender.ts';
import { FolderTimes } from './folder-times.ts';
import { Follower } from './follower.ts';
import { CleanReads } from './clean-reads.ts';
import { MOST_GROUP_AGE_MS, obstacleOf, restlessOf } from './group-rules.ts';
import { Groups } from './groups.ts';
import type { Freezing } from './hooks/freezing.ts';
import { HotFiles } from './hot-files.ts';
import { Nowhere } from './nowhere.ts';
import { Listings } from './listings.ts';
import { MassChangeGuard } from './mass-change-guard.ts';
import { MirrorControl, type MirrorControlOptions } from './mirror-control.ts';
import { Moves } from './moves.ts';
import { NotCarriedList } from './not-carried.ts';
import { OwnerNames } from './owner-names.ts';
import { OrphanSearch } from './orphan-search.ts';
import { Problems } from './problems.ts';
import { RecentLooks } from './recent-looks.ts';
import { Refusals } from './refusals.ts';
import { Roots, type RootIdentity } from './roots.ts';
import { bellPath } from './source-protocol.ts';
import type { Scouts } from './scout.ts';
import { SourceTree } from './source-tree.ts';
import { Strays } from './strays.ts';
import { TargetLosses } from './target-losses.ts';
import { Transfers } from './transfers.ts';

/** The stages of a connection's source side, joined. */
export interface SourceStages {
  readonly catalog: Catalog;
  readonly roots: Roots;
  readonly queue: SourceQueue;
  readonly spill: SpillLog;
  readonly outbox: Outbox;
  readonly packer: FramePacker;
  readonly requests: Requests;
  readonly problems: Problems;
  readonly folderTimes: FolderTimes;
  readonly hotFiles: HotFiles;
  readonly disturbedFolders: DisturbedFolders;
  readonly nowhere: Nowhere;
  readonly changedRanges: ChangedRanges;
  readonly tree: SourceTree;
  readonly mirrors: MirrorControl;
  readonly follower: Follower;
  readonly notCarried: NotCarriedList;
  readonly guard: MassChangeGuard;
  readonly transfers: Transfers;
  readonly ownerNames: OwnerNames;
  readonly targetLosses: TargetLosses;
  readonly sync: CaptureSync;
  readonly groups: Groups;
  readonly reads: CleanReads;
  readonly absences: Absences;
  readonly recentLooks: RecentLooks;
  readonly freezing: Freezing;
  readonly common: CommonCut;
  readonly clones: CloneVolumes;
  readonly gathered: GatheredFiles;
  readonly instantCopies: InstantCopies;
  readonly instantPace: InstantPace;
  readonly copySender: CopySender;
}

export interface AssembleOptions {
  readonly spec: ConnectionSpec;
  readonly volumes: readonly Volume[];
  readonly catalogFile: string;
  readonly queueFolder: string;
  readonly isNew: boolean;
  /** The settings of this moment. */
  readonly settings: () => ConnectionSettings;
  readonly freezing: Freezing;
  readonly common: CommonCut;
  readonly hasher: BlockHasher;
  readonly scouts: Scouts;
  readonly meter: LineMeter;
  /** Lets messages in and waits for room; throws when the link is gone. */
  readonly breathe: () => Promise<void>;
  /** The same in the middle of an op, whose end alone can be acknowledged. */
  readonly drain: () => Promise<void>;
  /** The same when work has gone on for long enough; null before that. */
  readonly rest: () => Promise<void> | null;
  readonly isFull: () => boolean;
  /** The error is how the link ended. */
  readonly isOfLink: (error: unknown) => boolean;
  /** Waits until anything happens; throws when the link is gone. */
  readonly pause: () => Promise<void>;
  readonly wantSize: () => void;
  /** Mirrors with limits are planned by whoever owns the connection. */
  readonly planning: Pick<MirrorControlOptions, 'plan' | 'dropPlan' | 'onLimited'>;
  /** Changes may be going on that nobody is told of. */
  readonly isUnwatched: () => boolean;
  readonly onProblem: (text: string) => void;
  /** The queue had to forget everything. */
  readonly onQueueLost: (loss: QueueLoss) => void;
}

/** How long a walk goes on before it lets others in. */
const WALK_MS = 5;

export function assembleSource(options: AssembleOptions): SourceStages {
  const { spec, breathe } = options;
  const catalog = new Catalog(options.catalogFile);
  const stored = catalog.fact('roots');
  const roots = new Roots(
    spec.roots.map((root) => rawName(root.from)),
    stored === null ? [] : (JSON.parse(stored) as RootIdentity[]),
  );
  const spill = new SpillLog(options.queueFolder);
  const queue = new SourceQueue({
    sizeOf: (place) => statEntry(roots.absolute(place))?.size ?? 0,
    spill,
    limits: () => options.settings().queue,
    onLost: options.onQueueLost,
  });
  const outbox: Outbox = new Outbox(() => {
    catalog.setFact('sequence', String(outbox.sequence));
    durableStep('source.catalog.commit');
    catalog.commit();
    durableStep('source.catalog.committed');
  }, options.meter);
  const packer = new FramePacker(options.meter, () => options.settings().compression);
  const requests = new Requests((message) => {
    groups.asking();
    outbox.send(message);
  });
  const problems = new Problems(({ cause, effect, nextStep }) => options.onProblem(`${cause} ${effect} ${nextStep}`));
  const targetLosses = new TargetLosses({ catalog, problems, targetPaths: spec.roots.map((root) => root.to) });
  const ownerNames = new OwnerNames(() => options.settings().owners.by === 'name');
  const notCarried = new NotCarriedList(catalog, roots);
  const folderTimes = new FolderTimes(catalog);
  const hotFiles = new HotFiles(roots);
  const nowhere = new Nowhere();
  const changedRanges = new ChangedRanges();
  const strays = new Strays(catalog, roots);
  const sync = new CaptureSync(bellPath(options.catalogFile));
  const absences = new Absences();
  const reads = new CleanReads(roots, roots.paths.every(hasFineTimes));
  const clones = new CloneVolumes({ roots, connectionId: spec.id, settings: () => options.settings().clones });
  clones.sweep();
  const gathered = new GatheredFiles(catalog, roots);
  const instantCopies = new InstantCopies({ roots, changedRanges, clones, hasFineTimes });
  const instantPace = new InstantPace(() => options.settings().clones.isEnabled);
  const groups: Groups = new Groups({
    outbox,
    sync,
    reads,
    absences,
    obstacle: () =>
      options.isUnwatched()
        ? 'the watches are being set'
        : obstacleOf({ mirrors, problems, hotFiles, guard, instantPace, transfers }),
    restless: () => restlessOf({ hotFiles }),
    instantInMs: () => instantPace.dueInMs,
    heldMs: () => guard.briefMs,
    lookAgain: (place, isSettled) => queue.examine(place, { content: true, deep: false, isSettled }, Date.now()),
    remark: () => options.freezing.remark,
    mostAgeMs: () => MOST_GROUP_AGE_MS,
  });
  const recentLooks = new RecentLooks(catalog, roots);
  outbox.onPushed = (op) => {
    groups.pushed(op);
    recentLooks.pushed(op);
    mirrors.pushed(op);
    checksums.pushed(op);
  };
  const epoch = (): number => mirrors.epoch;
  const again = (place: Place) => queue.examine(place, { content: true, deep: false, isSettled: false }, Date.now());
  const comparer = new BlockComparer(options.hasher);
  const { drain } = options;
  const copySender = new CopySender({ catalog, outbox, requests, comparer, changedRanges, epoch, drain });
  const steadyReads = new SteadyReads(clones);
  const content: FileContent = new FileContent({
    catalog,
    outbox,
    requests,
    roots,
    comparer,
    steadyReads,
    changedRanges,
    link: (place, stat, transfer) => files.linkToPeer(place, stat, transfer.cause),
  });
  const files: FileSender = new FileSender({
    catalog,
    outbox,
    roots,
    content,
    comparer,
    steadyReads,
    reads,
    changedRanges,
    strays,
    folderTimes,
    transfers: () => transfers,
    epoch,
    breathe,
    drain,
    rest: options.rest,
    again,
  });
  const rules = compileRules(spec.rules, options.volumes);
  const guard = new MassChangeGuard({ catalog, roots, settings: () => options.settings().guard });
  const refusals = new Refusals({ catalog, roots, problems, isOfLink: options.isOfLink });
  const tree = new SourceTree(
    {
      catalog,
      outbox,
      rules,
      roots,
      problems,
      refusals,
      notCarried,
      folderTimes,
      strays,
      epoch,
      guard,
      deletes: () => options.settings().deletes,
      isUnderWay: (place, stat) => transfers.absorb(place, stat),
    },
    files,
  );
  const transfers: Transfers = new Transfers({
    outbox,
    roots,
    refusals,
    content,
    makeWay: ({ place, cause }) => tree.makeWay(place, 'file', cause),
    finish: (transfer, what, isStill) => files.finish(transfer, what, isStill),
    onOver: ({ place, stat, cause, isOfMirror }, what, tookMs) => {
      if (what !== null) problems.clear(roots.absolute(place));
      if (what?.kind === 'streamed' && cause.noticedAtMs !== null) hotFiles.sent(place, stat, tookMs);
      if (!isOfMirror || what === null) return;
      if (what.kind === 'streamed') mirrors.progress?.sent(what.before.size);
      else mirrors.progress?.skipped(stat.size);
    },
    again,
    missed: ({ place, stat }) => {
      // The folder is walked when its move has been followed; and no move may take for sent what was changed.
      const isAstray = strays.isAstray(place);
      const row = catalog.lookup(place);
      if (row !== null && isSameObject(row, stat)) catalog.doubt(row, 'nothing');
      if (isAstray || statEntry(roots.absolute(place)) === null) absences.noted(place);
    },
    drain,
    pause: options.pause,
  });
  const moves = new Moves({ catalog, outbox, roots, tree, notCarried, folderTimes });
  const checksums: Checksums = new Checksums({
    catalog,
    requests,
    tree,
    refusals,
    files,
    transfers: () => transfers,
    epoch,
    progress: () => mirrors.progress,
  });
  const mirrors: MirrorControl = new MirrorControl(
    catalog,
    roots.paths.length,
    {
      tree,
      moves,
      refusals,
      roots,
      folderTimes,
      requests,
      checksums,
      strays,
      guard,
      scouts: options.scouts,
      transfers,
      leaves: (mirror) => leavePolicy(mirror, options.settings().mirror.overwrite),
    },
    {
      wantSize: options.wantSize,
      newSearch: () =>
        new OrphanSearch({
          catalog,
          roots,
          rules,
          outbox,
          folderTimes,
          listings: new Listings(requests),
          onEvent: options.onProblem,
        }),
      checksumAll: () => options.settings().mirror.checksumAll,
      hasLimits: () => hasLimits(options.settings().mirror),
      ...options.planning,
      underWayBytes: () => transfers.counts.mirrorBytes,
      dropTransfers: () => transfers.dropMirror(),
    },
  );
  const follower = new Follower({
    catalog,
    tree,
    moves,
    folderTimes,
    hotFiles,
    gathered,
    strays,
    guard,
    walkTree: async (place, cause) => {
      const walk = mirrors.liveWalk([place], cause.noticedAtMs, (folder) => queue.walked(folder));
      while (await walk.step(WALK_MS, options.isFull)) await (walk.isWaiting ? options.pause() : breathe());
    },
    isRefused: (place) => problems.has(roots.absolute(place)),
    isNowhere: (place) => nowhere.take(place),
    missed: (place) => absences.noted(place),
    explained: (from) => absences.explained(from),
    folderMoved: (to) => mirrors.folderMoved(to),
    transfers,
  });
  return {
    catalog,
    roots,
    queue,
    spill,
    outbox,
    packer,
    requests,
    problems,
    folderTimes,
    hotFiles,
    disturbedFolders: new DisturbedFolders(),
    nowhere,
    changedRanges,
    tree,
    mirrors,
    follower,
    notCarried,
    guard,
    transfers,
    ownerNames,
    targetLosses,
    sync,
    groups,
    reads,
    absences,
    recentLooks,
    freezing: options.freezing,
    common: options.common,
    clones,
    gathered,
    instantCopies,
    instantPace,
    copySender,
  };
}
