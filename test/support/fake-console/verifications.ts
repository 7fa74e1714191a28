import type {
  ConnectionSnapshot,
  VerifyDifference,
  VerifyOptions,
  VerifyReport,
  VerifySummary,
} from '../../../src-main/api/index.ts';
import { ago } from './samples.ts';

const DIFFERENCES = 450;

/** What a verification of the toy finds: nothing in a quick one, many differences when bytes are compared. */
export function verified(one: ConnectionSnapshot, options: VerifyOptions, number: number): VerifySummary {
  const differences = options.bytes ? DIFFERENCES : 0;
  return {
    id: `report-${number}`,
    connectionId: one.id,
    setName: one.setName,
    sourceName: one.sourceName,
    targetName: one.targetName,
    roots: one.roots,
    options,
    startedBy: 'ann',
    startedAt: ago(95),
    endedAt: ago(4),
    elapsedMs: 91_000,
    outcome: differences === 0 ? 'equal' : 'different',
    why: null,
    files: 18_231,
    folders: 1290,
    symlinks: 12,
    bytes: 48_318_382_080,
    missing: 0,
    extra: 0,
    different: differences,
    unreadable: 0,
    busy: 2,
    bytesOutOfSync: differences * 4096,
    repaired: options.repair === 'none' ? 0 : differences,
    differences,
    sha256: '7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069',
  };
}

/** A page of its report. */
export function reportPage(summary: VerifySummary, offset: number, limit: number): VerifyReport {
  const left = Math.max(0, Math.min(limit, summary.differences - offset));
  return {
    summary,
    isIntact: true,
    offset,
    listed: summary.differences,
    differences: Array.from({ length: left }, (_, at) => difference(summary, offset + at)),
  };
}

function difference(summary: VerifySummary, at: number): VerifyDifference {
  const side = { kind: 'file', mode: '0640', owner: '33:33', extended: 'none', linkTarget: null } as const;
  return {
    path: `${summary.roots[0]?.from ?? ''}/2026/minutes-${at}.odt`,
    what: 'different',
    properties: ['modified', 'content'],
    source: { ...side, size: 18_200 + at, modified: '2026-11-20 09:14:03.123456789' },
    target: { ...side, size: 18_200 + at, modified: '2026-11-21 23:59:59.000000001' },
    bytesOutOfSync: 4096,
    isDrift: at % 3 === 0,
    why: null,
    isRepaired: summary.options.repair !== 'none',
  };
}
