import type { BackupMethod, BackupView, BackupWindow } from '../../src-main/api/index.ts';
import { consistencyWord } from './choices.ts';
import { duration, moment } from './format.ts';
import { scriptWord } from './scripts.ts';
import type { StatusWord } from './status.ts';

const methodWords: Readonly<Record<BackupMethod, string>> = {
  rest: 'at rest',
  pause: 'by a pause on the source',
  hold: 'by a hold on the target',
};

/** How a window keeps the replica, or would. */
export function methodWord(method: BackupMethod): string {
  return methodWords[method];
}

/** Whether a replica may be read, in one word; a window comes first, and its alarm before all. */
export function backupWord({ window, verdict }: BackupView): StatusWord {
  if (window !== null) return windowWord(window);
  const detail = `${verdict.why} ${verdict.nextStep}`.trim();
  switch (verdict.kind) {
    case 'go':
      return { tone: 'good', word: 'Ready', detail: 'No window is open; one can be begun.' };
    case 'wait':
      return { tone: 'busy', word: 'Not yet', detail };
    case 'no':
      return { tone: 'warning', word: 'Not possible', detail };
  }
}

function windowWord({ state, isOverdue, why }: BackupWindow): StatusWord {
  if (state === 'broken') return { tone: 'bad', word: 'Broken', detail: brokenWords(why) };
  if (isOverdue) return { tone: 'bad', word: 'Overdue', detail: 'The window is open longer than it was to be.' };
  return state === 'open'
    ? { tone: 'paused', word: 'Being read', detail: 'The replica stands at its cut until the window is ended.' }
    : { tone: 'busy', word: 'Closing', detail: `It may not be read yet: ${why}.` };
}

/** What became of a window whose replica went on. */
export function brokenWords(why: string): string {
  return `The replica changed while it was read: ${why}. What was read may be a mixture.`;
}

/** `3 h 28 min left`, or for how long it was to be over. */
export function leftWords({ begunAt, maxMinutes }: BackupWindow, nowMs: number): string {
  const overMs = nowMs - Date.parse(begunAt) - maxMinutes * 60_000;
  return overMs < 0 ? `${duration(-overMs)} left` : `${duration(overMs)} over its time`;
}

/** When the newest complete copy is from, and what it is worth. */
export function newestCopyWords({ copy }: BackupView): string {
  return copy === null ? 'none is complete' : `${moment(copy.at)}, ${consistencyWord(copy.label).word.toLowerCase()}`;
}

/** How scripts name a replica: a slot by its rotation, a connection by set and target where that is one, or else by its number. */
export interface ScriptName {
  readonly slot: { readonly rotation: string; readonly name: string } | null;
  readonly setName: string;
  readonly targetName: string;
  /** Whether the set goes to one place on that target. */
  readonly isOnly: boolean;
  readonly number: number;
}

export function backupName({ slot, setName, targetName, isOnly, number }: ScriptName): string {
  if (slot !== null) return scriptWord(`${slot.rotation}/${slot.name}`);
  return isOnly ? `${scriptWord(setName)} to ${scriptWord(targetName)}` : String(number);
}

export interface WantedWindow {
  readonly method: 'pause' | 'hold' | 'rest';
  readonly owner: string;
  readonly reason: string;
  readonly maxMinutes: number;
}

export function beginScript(name: string, { method, owner, reason, maxMinutes }: WantedWindow): string {
  const hold = method === 'hold' ? ' method hold' : '';
  const why = reason === '' ? '' : ` reason ${scriptWord(reason)}`;
  return `backup begin ${name}${hold} owner ${scriptWord(owner)}${why} max ${maxMinutes};`;
}

export function endScript(name: string, owner: string): string {
  return `backup end ${name} owner ${scriptWord(owner)};`;
}
