import type { CloneFacts } from '../../src-main/api/index.ts';
import { count } from './format.ts';

const words: Readonly<Record<CloneFacts['state'], string>> = {
  untried: 'ready for files that are written without rest',
  works: 'for files that are written without rest',
  partly: 'on some volumes',
  impossible: 'none',
  off: 'switched off',
};

/** Whether files that never rest are sent from copies: `for files … · 5 cuts from copies`. */
export function cloneWords({ state, why, cuts }: CloneFacts): string {
  const reason = state === 'partly' || state === 'impossible' ? ` (${why})` : '';
  return `${words[state]}${reason}${cuts === 0 ? '' : ` · ${count(cuts)} cuts from copies`}`;
}
