import { initialLineSettings, type LineSettings, type LineSnapshot } from '../../src-main/api/index.ts';

/** A line without a schedule that has sent nothing. */
export function quietLine(targetFingerprint = 'AB:CD', settings: LineSettings = initialLineSettings): LineSnapshot {
  return { targetFingerprint, settings, schedule: { kind: 'unscheduled' }, wireBytes: 0 };
}
