import type { ApplicationHooks, HookCycle } from '../../src-main/api/index.ts';
import { duration } from './format.ts';
import type { StatusWord } from './status.ts';

const words: Readonly<Record<Exclude<ApplicationHooks['state'], 'off'>, StatusWord>> = {
  ready: { tone: 'good', word: 'Ready', detail: 'Programs bring the application to rest when a cut is made.' },
  waiting: { tone: 'busy', word: 'Waiting', detail: 'Another connection has the same application stand still.' },
  freezing: { tone: 'busy', word: 'Coming to rest', detail: 'The freeze program runs.' },
  frozen: { tone: 'paused', word: 'Stands still', detail: 'Until the cut is made, or its time is over.' },
  thawing: { tone: 'busy', word: 'Going on', detail: 'The thaw program runs.' },
  'thaw-failed': {
    tone: 'bad',
    word: 'May stand still',
    detail: 'The thaw program failed. It is tried again; look at the application.',
  },
};

/** How the application of a connection stands; null where no program is set for it. */
export function hooksWord({ state }: ApplicationHooks): StatusWord | null {
  return state === 'off' ? null : words[state];
}

/** What the last cut had of it: `stood still 1.2 s for a pause`, or what went wrong. */
export function hookCycleWords({ for: purpose, freeze, thaw, frozenMs }: HookCycle): string {
  const failed = [freeze, thaw].find((run) => run !== null && run.outcome !== 'ok');
  if (failed != null) return `${failed === freeze ? 'freeze' : 'thaw'} ${failed.outcome.replace('-', ' ')}: ${failed.text}`;
  if (frozenMs === null) return purpose === 'restart' ? 'let go on after a restart' : `for a ${purpose}`;
  return `stood still ${duration(frozenMs)} for a ${purpose}`;
}
