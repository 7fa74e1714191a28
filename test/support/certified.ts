import type { CertificateSummary } from '../../src-main/api/index.ts';
import {
  CertificateWriter,
  ContentIndex,
  FORMAT,
  FORMAT_VERSION,
  ManifestMaker,
  type CertificateHead,
  type ManifestEntry,
  type ManifestTotals,
} from '../../src-main/engine/backup/index.ts';
import type { EngineIdentity } from '../../src-main/engine/connection/index.ts';

export interface Look {
  readonly entries: readonly ManifestEntry[];
  readonly totals: ManifestTotals;
}

interface LookOptions {
  readonly isFull?: boolean;
  readonly startedAtMs?: number;
  readonly cutSequence?: number;
  readonly isLeftOut?: (path: string) => boolean;
  readonly onProgress?: () => void;
  readonly nowMs?: () => number;
}

/** Looks at folders as a certificate does. */
export function lookAt(index: ContentIndex, roots: readonly string[], options: LookOptions = {}): Look {
  const entries: ManifestEntry[] = [];
  const startedAtMs = index.begin(options.startedAtMs ?? Date.now(), 0);
  const maker = new ManifestMaker({
    roots,
    index,
    isLeftOut: options.isLeftOut ?? (() => false),
    marksOf: () => ({ keptSince: null, isOrphan: false }),
    isFull: options.isFull ?? false,
    startedAtMs,
    cutSequence: options.cutSequence ?? 0,
    // Long after whatever the test wrote: as surely read as files of yesterday.
    nowMs: options.nowMs ?? (() => Date.now() + 60_000),
    onProgress: options.onProgress ?? (() => undefined),
    take: (entry) => entries.push(entry),
  });
  return { totals: maker.make(), entries };
}

export function certificateHead(identity: EngineIdentity, roots: readonly string[], startedAt: string): CertificateHead {
  return {
    format: FORMAT,
    version: FORMAT_VERSION,
    program: '0.1.0',
    id: 'c1',
    connection: 'connection',
    set: 'accounts',
    source: { name: 'alpha', fingerprint: 'AA:BB' },
    target: { name: 'beta', fingerprint: identity.fingerprint },
    roots: roots.map((to, i) => ({ from: `/source/${i}`, to })),
    cut: { sequence: 7, at: startedAt, label: 'point-in-time' },
    appliedSequence: 7,
    standstill: { by: 'hold', owner: 'eva', reason: 'backup' },
    startedBy: 'eva',
    startedAt,
  };
}

/** Writes a certificate of folders as they are now. */
export function certify(file: string, identity: EngineIdentity, roots: readonly string[], startedAtMs = Date.now()): Look {
  const index = new ContentIndex(':memory:');
  const look = lookAt(index, roots, { startedAtMs });
  index.close();
  writeCertificate(file, identity, roots, look, startedAtMs);
  return look;
}

export function writeCertificate(
  file: string,
  identity: EngineIdentity,
  roots: readonly string[],
  { entries, totals }: Look,
  startedAtMs = Date.now(),
  differing: Partial<CertificateHead> = {},
): Pick<CertificateSummary, 'sha256'> {
  const startedAt = new Date(startedAtMs).toISOString();
  const writer = new CertificateWriter(file, { ...certificateHead(identity, roots, startedAt), ...differing });
  for (const entry of entries) writer.add(entry);
  return writer.finish({ ...totals, finishedAt: startedAt }, identity);
}
