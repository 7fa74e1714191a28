import type { NotCarried } from '../../src-main/api/index.ts';
import { count } from './format.ts';

/** Kinds of things that no replica carries, and what becomes of them. */
export const notCarriedWords: Readonly<
  Record<NotCarried['kind'], { readonly one: string; readonly many: string; readonly effect: string }>
> = {
  pipe: { one: 'named pipe', many: 'Named pipes', effect: 'Left out. Programs make them anew.' },
  socket: { one: 'socket', many: 'Sockets', effect: 'Left out. Programs make them anew.' },
  device: { one: 'device', many: 'Devices', effect: 'Left out. Make them on the target if they are needed there.' },
  immutable: { one: 'immutable entry', many: 'Immutable files and folders', effect: 'Carried without the flag.' },
  'append-only': { one: 'append-only entry', many: 'Append-only files and folders', effect: 'Carried without the flag.' },
  'too-many-attributes': {
    one: 'entry with too many attributes',
    many: 'More than 128 KiB of attributes',
    effect: 'Carried without the attributes beyond that.',
  },
};

/** `2 sockets, 1 device`. */
export function notCarriedSummary(notCarried: readonly NotCarried[]): string {
  return notCarried.map((one) => `${count(one.count)} ${plural(notCarriedWords[one.kind].one, one.count)}`).join(', ');
}

function plural(noun: string, number: number): string {
  if (number === 1) return noun;
  return noun.startsWith('entry') || noun.endsWith('entry') ? noun.replace('entry', 'entries') : `${noun}s`;
}
