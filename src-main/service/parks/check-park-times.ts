import type { ConnectionSettingsChange } from '../../api/index.ts';
import { checkCron } from '../rotations/times.ts';

/** Throws `bad-input` when a change of settings brings what is no time. */
export function checkParkTimes({ park }: ConnectionSettingsChange): void {
  for (const time of [park?.at, park?.reconnectAt]) if (typeof time === 'string') checkCron(time);
}
