import type {
  ConnectionSnapshot,
  MappedRoot,
  MapSpec,
  MirrorOptions,
  SetRule,
  StatisticsSample,
} from '../../../src-main/api/index.ts';
import { FakeFailure } from './failure.ts';
import { parked } from './rotations.ts';
import { ago } from './samples.ts';

/** Where the rules' trees arrive. */
export function mapped(rules: readonly SetRule[], map: MapSpec): MappedRoot[] {
  const roots = rules.filter((rule) => rule.verdict === 'include').map((rule) => rule.path);
  return roots.map((from) => {
    if (map.kind === 'exact') return { from, to: from };
    if (map.kind === 'base') return { from, to: `${map.base}${from}` };
    const pair = map.pairs.find((candidate) => from.startsWith(candidate.from));
    if (pair === undefined)
      throw new FakeFailure('map-invalid', `No pair covers ${from}. Add one for it, or choose another kind of map.`);
    return { from, to: `${pair.to}${from.slice(pair.from.length)}` };
  });
}

/** The connection with a mirror that has just begun. */
export function startMirror(one: ConnectionSnapshot, options: MirrorOptions): ConnectionSnapshot {
  const calculatedBytes = 2_147_483_648;
  return {
    ...one,
    targetData: 'mirroring',
    mirror: {
      kind: 'mirroring',
      options,
      startedAt: ago(0),
      calculatedBytes,
      calculatedFiles: 1800,
      sentBytes: 0,
      skippedBytes: 0,
      remainingBytes: calculatedBytes,
      sentFiles: 0,
      skippedFiles: 0,
      percent: 0,
      bytesPerSec: 0,
      timeLeftMs: null,
    },
  };
}

/** The connection half a second later. */
export function advance(one: ConnectionSnapshot): ConnectionSnapshot {
  if (one.transmission.kind === 'pausing') {
    return {
      ...one,
      transmission: {
        ...one.transmission,
        kind: 'paused',
        cut: { sequence: one.statistics.appliedSequence, at: ago(0), label: 'point-in-time' },
      },
    };
  }
  if (one.park?.kind === 'leaving') {
    const { owner, reason } = one.park;
    const cut = { sequence: one.statistics.appliedSequence, at: ago(0), label: 'point-in-time' } as const;
    return {
      ...one,
      ...parked(owner, reason, cut, one.targetData === 'good'),
      statistics: { ...one.statistics, bytesPerSec: 0 },
    };
  }
  if (one.park !== null) return one;
  const isMoving = one.transmission.kind === 'active' && one.link.kind === 'up' && one.halt === null;
  const step = isMoving ? Math.round(2_000_000 + 6_000_000 * Math.abs(Math.sin(Date.now() / 7000 + one.number))) : 0;
  const s = one.statistics;
  const statistics = {
    ...s,
    sentBytes: s.sentBytes + step,
    appliedBytes: s.appliedBytes + step,
    bytesPerSec: step * 2,
    queuedBytes: isMoving ? s.queuedBytes : s.queuedBytes + 20_000,
    queuedOps: isMoving ? s.queuedOps : s.queuedOps + 1,
  };
  const { mirror } = one;
  if (mirror.kind !== 'mirroring' || mirror.calculatedBytes === null || !isMoving) return { ...one, statistics };
  const done = Math.min(
    mirror.calculatedBytes,
    mirror.sentBytes + mirror.skippedBytes + mirror.calculatedBytes / (one.number < 100 ? 1500 : 12),
  );
  if (done >= mirror.calculatedBytes)
    return { ...one, statistics, targetData: 'good', mirror: { kind: 'idle', lastCompletedAt: ago(0) } };
  return {
    ...one,
    statistics,
    mirror: {
      ...mirror,
      sentBytes: done - mirror.skippedBytes,
      remainingBytes: mirror.calculatedBytes - done,
      percent: (100 * done) / mirror.calculatedBytes,
      timeLeftMs: 60_000,
    },
  };
}

/** Ten minutes of waves. */
export function history(): StatisticsSample[] {
  return Array.from({ length: 600 }, (_, at) => {
    const wave = Math.abs(Math.sin(at / 40)) * Math.abs(Math.cos(at / 7));
    return {
      at: ago(601 - at),
      sentBytesPerSec: Math.round(40_000_000 * wave),
      appliedBytesPerSec: Math.round(36_000_000 * Math.abs(Math.sin((at - 6) / 40))),
      queuedBytes: Math.round(8_000_000 * Math.abs(Math.cos(at / 90))),
      queuedOps: 12,
      targetQueueBytes: Math.round(3_000_000 * wave),
    };
  });
}
