import type { ReplicationSet, SetRule } from '../../../src-main/api/index.ts';
import type { StatusWord } from '../../text/status.ts';

/** Whether the server's own copy of a set is safe. */
export function setWord(set: ReplicationSet): StatusWord {
  if (set.saved) return { tone: 'good', word: 'Saved', detail: 'The rules are stored on the server.' };
  return {
    tone: 'warning',
    word: 'Not saved',
    detail: 'The rules are lost when the service stops, and the set cannot be connected.',
  };
}

/** True when two lists of rules select the same in the same words; their order says nothing. */
export function sameRules(left: readonly SetRule[], right: readonly SetRule[]): boolean {
  if (left.length !== right.length) return false;
  const words = (rules: readonly SetRule[]) => rules.map((rule) => `${rule.verdict} ${rule.recursive} ${rule.path}`).sort();
  const others = words(right);
  return words(left).every((word, index) => word === others[index]);
}

/** The name for a set over a folder, changed with a number until it is free. */
export function freeSetName(wanted: string, taken: readonly string[]): string {
  const names = new Set(taken.map((name) => name.toLowerCase()));
  const base = wanted.slice(0, 90);
  if (!names.has(base.toLowerCase())) return base;
  for (let number = 2; ; number++) {
    const candidate = `${base} ${number}`;
    if (!names.has(candidate.toLowerCase())) return candidate;
  }
}
