import type { RotationEntry, RotationSettings } from '../../src-main/api/index.ts';
import { mirrorWords, scriptWord } from './scripts.ts';

/** What the form of a rotation puts together, as commands of the scripting language for a source that is chosen. */
export interface WantedRotation extends RotationSettings {
  readonly name: string;
  /** New slots, each with the number of its connection. */
  readonly added: readonly { readonly name: string; readonly number: number }[];
  readonly removed: readonly string[];
}

/** `isNew` makes it; otherwise it exists, and takes these times in the place of its own. */
export function rotationScript({ name, added, removed, schedule, ...rest }: WantedRotation, isNew: boolean): readonly string[] {
  const rotation = scriptWord(name);
  const { missed } = rest;
  const within = missed.withinMinutes % 60 === 0 ? `${missed.withinMinutes / 60} hours` : `${missed.withinMinutes} minutes`;
  return [
    ...(isNew ? [`rotation create ${rotation};`] : []),
    ...added.map((slot) => `rotation slot add ${rotation} ${scriptWord(slot.name)} connection ${slot.number};`),
    ...(isNew ? [] : [`rotation clear ${rotation};`]),
    ...schedule.map((entry) => timeScript(rotation, entry)),
    ...removed.map((slot) => `rotation slot remove ${rotation} ${scriptWord(slot)};`),
    `rotation order ${rotation} ${rest.order} mirror ${mirrorWords(rest.mirror) || 'all'};`,
    `rotation missed ${rotation} ${missed.policy === 'skip' ? 'skip' : `run within ${within}`};`,
    ...(rest.isEnabled ? [] : [`rotation disable ${rotation};`]),
  ];
}

function timeScript(rotation: string, { time, slot, timeZone }: RotationEntry): string {
  const to = slot === null ? '' : ` to ${scriptWord(slot)}`;
  const zone = timeZone === null ? '' : ` zone ${quoted(timeZone)}`;
  switch (time.kind) {
    case 'clock':
      return `rotation at ${rotation} ${time.at}${time.days.length === 0 ? '' : ` on ${time.days.join(', ')}`}${to}${zone};`;
    case 'date':
      return `rotation at ${rotation} ${time.at.replace('T', ' ')}${to}${zone};`;
    case 'cron':
      return `rotation every ${rotation} "${time.cron}"${to}${zone};`;
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** `slot` null: the next one. */
export function runScript(rotation: string, slot: string | null): string {
  return `rotation run ${scriptWord(rotation)}${slot === null ? '' : ` to ${scriptWord(slot)}`} nowait;`;
}

export function useScript(rotation: string, slot: string, reason: string): string {
  return `rotation use ${scriptWord(rotation)} ${scriptWord(slot)}${reason === '' ? '' : ` reason ${quoted(reason)}`};`;
}

/** A command that needs no more than the rotation's name. */
export function rotationCommand(verb: 'skip' | 'delete' | 'enable' | 'disable', rotation: string): string {
  return `rotation ${verb} ${scriptWord(rotation)};`;
}
