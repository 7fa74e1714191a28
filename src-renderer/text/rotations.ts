import type {
  PlannedSwitch,
  RotationEntry,
  RotationRun,
  RotationSettings,
  RotationSnapshot,
  RotationStep,
  RotationTime,
  SlotCopy,
  SlotSnapshot,
  Weekday,
} from '../../src-main/api/index.ts';
import { consistencyWord } from './choices.ts';
import { duration, moment, wholeMinutes } from './format.ts';
import type { StatusWord } from './status.ts';

const slotWords: Readonly<Record<SlotSnapshot['state'], StatusWord>> = {
  live: { tone: 'good', word: 'Live', detail: 'It follows the source.' },
  coming: { tone: 'busy', word: 'Coming', detail: 'It is being brought level with the source.' },
  'at-rest': { tone: 'off', word: 'At rest', detail: 'It does not change until its turn comes; it can be backed up.' },
  'in-use': { tone: 'paused', word: 'In use', detail: 'Somebody reads it; it is not switched in before it is released.' },
  failed: { tone: 'bad', word: 'Failed', detail: 'Something stands against it.' },
};

/** How a slot stands; what stands against it is in the detail. */
export function slotWord({ state, why }: SlotSnapshot): StatusWord {
  const word = slotWords[state];
  return why === '' ? word : { ...word, detail: why };
}

const stepWords: Readonly<Record<RotationStep, string>> = {
  parking: 'the old slot leaves at a cut',
  bringing: 'the new slot is brought level',
  cutting: 'both are brought to a cut, the same if it can be',
  leaving: 'the old slot goes to rest at its cut',
  resuming: 'the new slot goes on',
};

export function stepWord(step: RotationStep): string {
  return stepWords[step];
}

/** A rotation in one word: what a person has to look at wins. */
export function rotationWord({ slots, running, isEnabled, schedule }: RotationSnapshot): StatusWord {
  const failed = slots.find(({ state }) => state === 'failed');
  if (failed !== undefined) return { tone: 'bad', word: `${failed.name} failed`, detail: failed.why };
  if (running !== null) {
    if (running.problem !== '') return { tone: 'warning', word: 'Held up', detail: running.problem };
    return { tone: 'busy', word: `Switching to ${running.to}`, detail: `Now ${stepWord(running.step)}.` };
  }
  if (slots.length < 2)
    return { tone: 'warning', word: 'Too few slots', detail: 'Two replicas of one set are needed to take turns.' };
  if (!isEnabled) return { tone: 'off', word: 'Disabled', detail: 'Nothing runs by the schedule; a switch by hand still works.' };
  if (schedule.length === 0) return { tone: 'warning', word: 'No times', detail: 'Nothing runs by itself: it has no times.' };
  return { tone: 'good', word: 'Enabled', detail: 'Switches run by the schedule.' };
}

/** When the copy is from, and what it is worth. */
export function copyWords(copy: SlotCopy): string {
  const label = consistencyWord(copy.label).word.toLowerCase();
  return copy.cut === null ? `follows the source, ${label}` : `${moment(copy.at)}, ${label}`;
}

/** How old a copy is now: its age grew since the server told it. */
export function copyAge({ at, cut }: SlotCopy, nowMs: number): string {
  return cut === null ? 'current' : `${duration(Math.max(0, nowMs - Date.parse(at)))} old`;
}

const dayWords: Readonly<Record<Weekday, string>> = {
  mon: 'Mon',
  tue: 'Tue',
  wed: 'Wed',
  thu: 'Thu',
  fri: 'Fri',
  sat: 'Sat',
  sun: 'Sun',
};

export function dayWord(day: Weekday): string {
  return dayWords[day];
}

function timeWords(time: RotationTime): string {
  switch (time.kind) {
    case 'clock':
      return `${time.days.length === 0 ? 'every day' : time.days.map(dayWord).join(', ')} at ${time.at}`;
    case 'date':
      return `once, ${time.at.replace('T', ' ')}`;
    case 'cron':
      return `cron ${time.cron}`;
  }
}

/** `Mon, Fri at 12:00 to noon (Europe/Berlin)`. */
export function entryWords({ time, slot, timeZone }: RotationEntry): string {
  const words = `${timeWords(time)} to ${slot ?? 'the next slot'}${timeZone === null ? '' : ` (${timeZone})`}`;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a rotation does next by the clock, or why it does nothing. */
export function nextSwitchWords({ next, isEnabled, running }: RotationSnapshot): string {
  if (running !== null) return `Switching to ${running.to}: ${stepWord(running.step)}`;
  if (next === null) return isEnabled ? 'No next switch by the clock' : 'No next switch: the rotation is disabled';
  const what = next.action === 'switch' ? `to ${next.to}` : next.action === 'skip' ? 'left out' : 'nothing to do';
  return `Next switch ${next.local}, ${what}`;
}

/** The orders of a switch as a person chooses between them. */
export const orders: readonly {
  readonly value: RotationSettings['order'];
  readonly label: string;
  readonly explanation: string;
}[] = [
  {
    value: 'safe',
    label: 'Safe',
    explanation:
      'The new slot is brought level while the old one still follows the source, and only then the old one goes to rest.',
  },
  {
    value: 'quick',
    label: 'Quick',
    explanation:
      'The old slot goes to rest at once, then the new one comes; until it is level, the newest complete copy is the one at rest.',
  },
];

export function orderLabel(order: RotationSettings['order']): string {
  return orders.find(({ value }) => value === order)?.label ?? order;
}

/** `run late, within 12 h`. */
export function missedWords({ policy, withinMinutes }: RotationSettings['missed']): string {
  return policy === 'skip' ? 'left out' : `run late, within ${wholeMinutes(withinMinutes)}`;
}

const plannedWords: Readonly<Record<PlannedSwitch['action'], StatusWord>> = {
  switch: { tone: 'good', word: 'Switch', detail: '' },
  skip: { tone: 'warning', word: 'Skip', detail: '' },
  nothing: { tone: 'off', word: 'Nothing', detail: '' },
};

export function plannedWord({ action, text }: PlannedSwitch): StatusWord {
  return { ...plannedWords[action], detail: text };
}

const outcomeWords: Readonly<Record<RotationRun['outcome'], StatusWord>> = {
  done: { tone: 'good', word: 'Done', detail: 'The new slot follows the source.' },
  failed: { tone: 'bad', word: 'Failed', detail: 'The switch could not be made.' },
  skipped: { tone: 'off', word: 'Skipped', detail: 'Left out on purpose.' },
  missed: { tone: 'warning', word: 'Missed', detail: 'It could not begin in time.' },
};

/** Whether the slot that left and the one that came held the same state; '' where there were not two cuts. */
export function sameCutWord({ isSameCut }: RotationRun): string {
  if (isSameCut === null) return '';
  return isSameCut ? 'yes' : 'no';
}

export function runWord({ outcome, why }: RotationRun): StatusWord {
  const word = outcomeWords[outcome];
  return why === '' ? word : { ...word, detail: why };
}
