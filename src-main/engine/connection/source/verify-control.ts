import type { ConnectionVerify, VerifyOptions, VerifySummary } from '../../../api/index.ts';
import { ReplicationError, toReplicationError } from '../../../base/index.ts';
import { runId } from '../../../config/index.ts';
import type { BlockHasher } from '../../fs/index.ts';
import type { Place } from '../../model/index.ts';
import { reportsIn, type ReportHead } from '../../verify/index.ts';
import type { ConnectionSpec, EngineEvent } from '../replicator-api.ts';
import type { SourceStages } from './assemble-source.ts';
import { VerifyRun, VerifyStopped } from './verify-run.ts';

export interface VerifyControlOptions {
  /** Where the reports of this connection lie. */
  readonly folder: string;
  readonly about: Pick<ReportHead, 'connectionId' | 'setName' | 'sourceName' | 'targetName' | 'roots'> &
    Pick<ConnectionSpec, 'isMirrorOnly'>;
  readonly stages: SourceStages;
  readonly hasher: BlockHasher;
  /** Whether what changes now is sent now. */
  readonly isSending: () => boolean;
  /** A change of that place is held back on purpose. */
  readonly isHeld: (place: Place) => boolean;
  /** Something was queued. */
  readonly wake: () => void;
  readonly event: (severity: EngineEvent['severity'], text: string) => void;
}

/** The verifications of one connection: at most one at a time, none while a mirror runs. One that a stop of the service ends leaves no report. */
export class VerifyControl {
  readonly #options: VerifyControlOptions;
  #run: VerifyRun | null = null;
  #abort = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #last: VerifySummary | null;

  constructor(options: VerifyControlOptions) {
    this.#options = options;
    const reports = reportsIn(options.folder);
    reports.tidy();
    this.#last = reports.newest();
  }

  status(): Omit<ConnectionVerify, 'nextAt'> {
    return { run: this.#run?.status() ?? null, last: this.#last };
  }

  /** Throws `verify-running`, `verify-during-mirror`. */
  start(options: VerifyOptions, startedBy: string, owners: boolean): void {
    const { stages, about, folder, hasher, isSending, isHeld, wake } = this.#options;
    if (stages.mirrors.status().kind !== 'idle') throw new ReplicationError('verify-during-mirror', {});
    if (this.#run !== null) throw new ReplicationError('verify-running', {});
    this.#abort = new AbortController();
    const startedAt = new Date().toISOString();
    const { connectionId, setName, sourceName, targetName, roots } = about;
    const head: ReportHead = {
      connectionId,
      setName,
      sourceName,
      targetName,
      roots,
      id: runId(startedAt),
      options,
      startedBy,
      startedAt,
    };
    const { signal } = this.#abort;
    // What a restore was to leave is not its business; of a replica it is a difference like any other.
    const passesLeft = about.isMirrorOnly === true;
    const run = new VerifyRun({ head, folder, stages, hasher, owners, isSending, isHeld, passesLeft, wake, signal });
    this.#run = run;
    this.#ended = this.#follow(run, signal);
  }

  /** `why`: a sentence for the report, which then holds what was found so far. Throws `no-verify`. */
  stop(why: string): void {
    if (this.#run === null) throw new ReplicationError('no-verify', {});
    this.#abort.abort(new VerifyStopped(why));
  }

  /** Ends one that runs, if one does. */
  stopBecause(why: string): void {
    if (this.#run !== null) this.stop(why);
  }

  /** The service stops: nothing is kept of one that runs. Resolves when its files are closed. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }

  async #follow(run: VerifyRun, signal: AbortSignal): Promise<void> {
    try {
      const summary = await run.run();
      this.#last = summary;
      reportsIn(this.#options.folder).tidy();
      this.#options.event(summary.outcome === 'equal' ? 'info' : 'warning', sentenceOf(summary));
    } catch (error) {
      if (signal.aborted) return;
      const { code, details } = toReplicationError(error);
      this.#options.event(
        'error',
        `A verification failed (${code}${typeof details.text === 'string' ? `: ${details.text}` : ''}).`,
      );
    } finally {
      this.#run = null;
    }
  }
}

function sentenceOf(summary: VerifySummary): string {
  const { outcome, files, differences, repaired, busy, why, options } = summary;
  const how = options.bytes ? 'every byte' : 'date, size and attributes';
  const late = busy === 0 ? '' : ` ${busy} entries changed meanwhile and were not judged.`;
  if (outcome === 'stopped') return `A verification was stopped: ${why ?? ''} Differences so far: ${differences}.`;
  if (outcome === 'equal') return `Verified ${files} files by ${how}: the replica equals the source.${late}`;
  const sent = repaired === 0 ? '' : ` ${repaired} of them are sent again.`;
  return `Verified ${files} files by ${how}: ${differences} differences.${sent}${late} The report ${summary.id} lists them.`;
}
