import type {
  ConnectionPlan,
  ConnectionSettings,
  MirrorOptions,
  PlanRun as PlanStatus,
  PlanSummary,
} from '../../../api/index.ts';
import { formatBytes, ReplicationError, toReplicationError } from '../../../base/index.ts';
import { runId } from '../../../config/index.ts';
import { excessOf, leavePolicy, plansIn, type PlanHead } from '../../mirror/index.ts';
import type { EngineEvent } from '../replicator-api.ts';
import type { SourceStages } from './assemble-source.ts';
import { PlanRun } from './plan-run.ts';

export interface PlanControlOptions {
  /** Where the plans of this connection lie. */
  readonly folder: string;
  readonly about: Pick<PlanHead, 'connectionId' | 'setName' | 'sourceName' | 'targetName' | 'roots'>;
  readonly stages: SourceStages;
  readonly settings: () => ConnectionSettings;
  readonly event: (severity: EngineEvent['severity'], text: string) => void;
}

/** Called once with the plan, or with null when none could be made; not at all when it was given up. */
type PlanDone = (plan: PlanSummary | null) => void;

/** The plans of one connection: at most one is made at a time. One that a stop of the service ends is not kept. */
export class PlanControl {
  readonly #options: PlanControlOptions;
  #run: PlanRun | null = null;
  #abort = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #last: PlanSummary | null;

  constructor(options: PlanControlOptions) {
    this.#options = options;
    const plans = plansIn(options.folder);
    plans.tidy();
    this.#last = plans.newest();
  }

  status(): Omit<ConnectionPlan, 'question'> {
    return { run: this.#run?.status() ?? null, last: this.#last };
  }

  /** A person or script wants to know. Throws `plan-running`, `mirror-running`. */
  start(options: MirrorOptions, startedBy: string): void {
    const { mirrors } = this.#options.stages;
    const mirror = mirrors.status();
    if (mirror.kind !== 'idle' && mirror.kind !== 'limited')
      throw new ReplicationError('mirror-running', { kind: mirror.options.kind });
    if (this.#run !== null) throw new ReplicationError('plan-running', {});
    this.#begin(options, startedBy, 'asked', (plan) => {
      if (plan !== null) this.#options.event('info', sentenceOf(plan));
    });
  }

  /** A mirror waits for it; a plan that somebody asked for gives way. */
  startForMirror(options: MirrorOptions): void {
    this.#abort.abort();
    const { mirrors } = this.#options.stages;
    this.#begin(options, 'its limits', 'limits', (plan) => mirrors.planned(plan?.exceeded ?? null));
  }

  /** Throws `no-plan`. A mirror that waits for the plan is to be stopped as such. */
  stop(): void {
    if (this.#run?.status().why !== 'asked') throw new ReplicationError('no-plan', {});
    this.#abort.abort();
    this.#run = null;
  }

  /** The mirror that it was for is not wanted any more; or one begins, and makes it pointless. */
  drop(): void {
    this.#abort.abort();
    this.#run = null;
  }

  /** Resolves when its files are closed. */
  async close(): Promise<void> {
    this.drop();
    await this.#ended;
  }

  #begin(options: MirrorOptions, startedBy: string, why: PlanStatus['why'], onDone: PlanDone): void {
    const { about, folder, stages, settings } = this.#options;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const startedAt = new Date().toISOString();
    const { connectionId, setName, sourceName, targetName, roots } = about;
    const run = new PlanRun({
      head: { connectionId, setName, sourceName, targetName, roots, id: runId(startedAt), options, startedBy, startedAt },
      why,
      folder,
      stages,
      leaves: leavePolicy(options, settings().mirror.overwrite),
      deletes: settings().deletes,
      bytesPerSec: () => fastest(stages.outbox.meter.bytesPerSec, stages.mirrors.lastBytesPerSec),
      excess: (plan) => excessOf(plan, settings().mirror),
      signal,
    });
    this.#run = run;
    const before = this.#ended;
    this.#ended = before.then(() => this.#follow(run, signal, onDone));
  }

  async #follow(run: PlanRun, signal: AbortSignal, onDone: PlanDone): Promise<void> {
    try {
      const plan = await run.run();
      if (signal.aborted) return;
      this.#last = plan;
      this.#run = null;
      plansIn(this.#options.folder).tidy();
      onDone(plan);
    } catch (error) {
      if (signal.aborted) return;
      this.#run = null;
      const { code, details } = toReplicationError(error);
      const text = typeof details.text === 'string' ? `: ${details.text}` : '';
      this.#options.event('error', `A mirror could not be planned (${code}${text}).`);
      onDone(null);
    }
  }
}

/** A line is never faster than its limit. */
function fastest(limit: number | null, measured: number | null): number | null {
  if (limit === null || measured === null) return limit ?? measured;
  return Math.min(limit, measured);
}

function sentenceOf({ counts, sendBytes, exceeded }: PlanSummary): string {
  const { create, update, compare, delete: removed } = counts;
  const parts = [
    `create ${create.entries}`,
    `update ${update.entries}`,
    `compare ${compare.entries}`,
    `delete ${removed.entries}`,
  ];
  const beyond = exceeded.length === 0 ? '' : ' That is beyond a limit of its settings: it would ask before it begins.';
  return `A mirror was planned: it would ${parts.join(', ')} entries and send ${formatBytes(sendBytes)}.${beyond}`;
}
