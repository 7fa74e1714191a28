import { X509Certificate } from 'node:crypto';
import type { CertificateSummary, Cut, ReplicaCertificates, ReplicaSettings, Standstill } from '../../../api/index.ts';
import { describeError, PROGRAM_VERSION, ReplicationError, toReplicationError } from '../../../base/index.ts';
import { runId } from '../../../config/index.ts';
import { certificatesIn, FORMAT, FORMAT_VERSION, type CertificateHead, type Signer } from '../../backup/index.ts';
import type { AbsolutePath } from '../../model/index.ts';
import type { ReplicaSpec } from '../replicator-api.ts';
import { CertificateWork } from './certificate-work.ts';
import type { Hold } from './hold.ts';
import type { ReplicaRun } from './replica-run.ts';

/** Who starts a certificate that nobody asked for. */
const BY_ITSELF = 'certificate.atCut';

/** Where a replica stands, when it does. */
export interface StandingReplica {
  readonly by: Standstill['by'];
  readonly cut: Cut | null;
  readonly appliedSequence: number;
}

/** Where an open replica stands, if it stands still for anybody. */
export function standingOf(
  { standstill, figures }: Pick<ReplicaRun, 'standstill' | 'figures'>,
  hold: Hold | null,
): StandingReplica | null {
  if (standstill === null) return null;
  // It stands only while a snapshot is taken.
  if (standstill === 'hold' && hold === null) return null;
  return { by: standstill, cut: figures.cut, appliedSequence: figures.appliedSequence };
}

export interface CertifierParts {
  readonly spec: ReplicaSpec;
  /** The replica's own folder beside its queue, and the target's records. */
  readonly folder: string;
  readonly recordsFile: string;
  /** Where the certificates of this connection lie. */
  readonly certificates: string;
  readonly signer: Signer;
  readonly settings: () => ReplicaSettings;
  readonly otherRoots: () => readonly AbsolutePath[];
  /** Null while the replica moves, or may at any moment. */
  readonly standing: () => StandingReplica | null;
  readonly hold: () => Hold | null;
  readonly onChanged: () => void;
  readonly onEvent: (severity: 'info' | 'warning', text: string) => void;
}

/** Where the index of what a replica held lies, in the replica's own folder. */
export function indexFile(folder: string): string {
  return `${folder}/content.db`;
}

/**
 * Makes certificates of one replica, one at a time, while it stands still: when a person asks, and by itself at a cut when the settings
 * say so. If an entry of the replica is about to change before all is read, the certificate is given up: it is never of a mixture.
 */
export class Certifier {
  readonly #parts: CertifierParts;
  readonly #targetName: string;
  readonly #fingerprint: string;
  #work: CertificateWork | null = null;
  #ended: Promise<void> = Promise.resolve();
  #last: CertificateSummary | null;
  #failure: ReplicaCertificates['failure'] = null;
  /** The standstill that was looked at last, so that each is proven by itself once at the most. */
  #lookedAt = '';
  #isClosed = false;

  constructor(parts: CertifierParts) {
    this.#parts = parts;
    const certificate = new X509Certificate(parts.signer.certificatePem);
    this.#fingerprint = certificate.fingerprint256;
    // The plain form; `subject` has it escaped.
    this.#targetName = [certificate.toLegacyObject().subject.CN].flat()[0] ?? '';
    this.#last = certificatesIn(parts.certificates, Infinity).newest();
  }

  get certificates(): ReplicaCertificates {
    return { run: this.#work?.run ?? null, last: this.#last, failure: this.#failure };
  }

  /** Throws `certificate-running`, `replica-moving`. */
  start(startedBy: string, isFull: boolean): void {
    const standing = this.#parts.standing();
    if (this.#work !== null) throw new ReplicationError('certificate-running', { set: this.#parts.spec.setName });
    if (standing === null || this.#isClosed) throw new ReplicationError('replica-moving', { isMeanwhile: false });
    this.#ended = this.#make(standing, startedBy, isFull);
  }

  /** Throws `no-certificate-run`. */
  stop(): void {
    if (this.#work === null) throw new ReplicationError('no-certificate-run', {});
    this.#work.end('stopped');
  }

  /** An entry of the replica is about to change. */
  moving(): void {
    this.#work?.end('moved');
  }

  /** One was deleted. */
  deleted(): void {
    this.#last = certificatesIn(this.#parts.certificates, Infinity).newest();
    this.#parts.onChanged();
  }

  /** The replica may stand where it did not before. */
  changed(): void {
    const { atCut } = this.#parts.settings().certificate;
    if (atCut === 'never' || this.#work !== null || this.#isClosed) return;
    const standing = this.#parts.standing();
    if (standing === null || standing.by === 'rest' || (atCut !== 'always' && atCut !== standing.by)) return;
    const { by, cut, appliedSequence } = standing;
    const place = `${by} ${cut?.sequence ?? 0} ${appliedSequence}`;
    if (place === this.#lookedAt) return;
    this.#lookedAt = place;
    const isProven = this.#last?.appliedSequence === appliedSequence && this.#last.cut?.sequence === cut?.sequence;
    if (!isProven) this.start(BY_ITSELF, false);
  }

  /** Nothing is made after this. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#work?.end('stopped');
    await this.#ended;
  }

  async #make(standing: StandingReplica, startedBy: string, isFull: boolean): Promise<void> {
    const { spec, folder, recordsFile, certificates, signer, settings, otherRoots, onChanged, onEvent } = this.#parts;
    const { setName } = spec;
    try {
      const kept = certificatesIn(certificates, Infinity).list();
      const work = new CertificateWork(
        {
          head: this.#head(standing, startedBy),
          connectionId: spec.connectionId,
          otherRoots: otherRoots(),
          indexFile: indexFile(folder),
          recordsFile,
          folder: certificates,
          mostKept: settings().certificate.keep,
          signer,
          isFull,
          keepRemovalsMs: Date.parse(kept.at(-1)?.startedAt ?? new Date(0).toISOString()),
        },
        onChanged,
      );
      this.#work = work;
      onChanged();
      const result = await work.result;
      if (result === 'moved') throw new ReplicationError('replica-moving', { isMeanwhile: true });
      this.#failure = null;
      if (result === 'stopped') onEvent('info', `The certificate of ${setName} was stopped before all was read. None was made.`);
      else {
        this.#last = result;
        onEvent(
          'info',
          `Certificate ${result.id} of ${setName}: ${result.files} files, ${result.bytes} bytes, manifest sha256 ${result.sha256}` +
            `${result.unreadable === 0 ? '' : `; ${result.unreadable} entries could not be read`}.`,
        );
      }
    } catch (error) {
      const text = failureText(toReplicationError(error));
      this.#failure = { at: new Date().toISOString(), text };
      onEvent('warning', `No certificate of ${setName}: ${text}`);
    } finally {
      this.#work = null;
      onChanged();
    }
  }

  #head({ by, cut, appliedSequence }: StandingReplica, startedBy: string): CertificateHead {
    const { connectionId, setName, sourceName, sourceFingerprint, roots } = this.#parts.spec;
    const hold = by === 'hold' ? this.#parts.hold() : null;
    const startedAt = new Date().toISOString();
    return {
      format: FORMAT,
      version: FORMAT_VERSION,
      program: PROGRAM_VERSION,
      id: runId(startedAt),
      connection: connectionId,
      set: setName,
      source: { name: sourceName, fingerprint: sourceFingerprint },
      target: { name: this.#targetName, fingerprint: this.#fingerprint },
      roots,
      cut: cut === null ? null : { sequence: cut.sequence, at: cut.at, label: cut.label },
      appliedSequence,
      standstill: { by, owner: hold?.owner ?? null, reason: hold?.reason ?? null },
      startedBy,
      startedAt,
    };
  }
}

/** Why there is no certificate, for people. Other sentences than those of the moving replica tell what becomes of changes: nothing, here. */
export function failureText({ code, details }: ReplicationError): string {
  const { cause, effect, nextStep } = describeError(code, details);
  if (code !== 'replica-moving') return `${cause} No certificate was made. Make one again when that is mended.`;
  return [cause, effect, nextStep].join(' ').trim();
}
