import { BAD_PARAMETER } from './problem.ts';
import type { CompareOperator } from './tree.ts';
import { ScriptFailure } from './script-failure.ts';

/** What a variable can hold. A date reads `2026-11-22` and a time `09:05:00`, in the local time of the machine that runs the script. */
export type Value =
  { readonly kind: 'integer'; readonly value: number } | { readonly kind: 'text' | 'date' | 'time'; readonly text: string };

export function integerValue(value: number): Value {
  return { kind: 'integer', value };
}

export function textValue(text: string): Value {
  return { kind: 'text', text };
}

export function dateOf(now: Date): Value {
  return { kind: 'date', text: `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}` };
}

export function timeOf(now: Date): Value {
  return { kind: 'time', text: `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}` };
}

export function showValue(value: Value): string {
  return value.kind === 'integer' ? String(value.value) : value.text;
}

/** Whole numbers add and subtract; with text on either side `+` joins. */
export function sum(operator: '+' | '-', left: Value, right: Value): Value {
  const a = asInteger(left);
  const b = asInteger(right);
  if (left.kind === 'integer' && right.kind === 'integer' && a !== null && b !== null) {
    const value = operator === '+' ? a + b : a - b;
    if (!Number.isSafeInteger(value)) throw new ScriptFailure(-122, `${a} ${operator} ${b} is out of range.`);
    return integerValue(value);
  }
  if (operator === '+') return textValue(showValue(left) + showValue(right));
  throw new ScriptFailure(BAD_PARAMETER, `"${showValue(left)}" - "${showValue(right)}": only whole numbers can be subtracted.`);
}

/** Numbers compare as numbers, dates and times in their order, text without regard to case. Order between unlike kinds is an error. */
export function compare(operator: CompareOperator, left: Value, right: Value): boolean {
  const order = orderOf(left, right);
  switch (operator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    default:
      if (order === null) {
        throw new ScriptFailure(BAD_PARAMETER, `"${showValue(left)}" and "${showValue(right)}" have no order between them.`);
      }
      return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
  }
}

/** The whole number that a value is or spells; null for anything else. */
export function asInteger(value: Value): number | null {
  if (value.kind === 'integer') return value.value;
  if (value.kind !== 'text' || !/^-?\d{1,15}$/.test(value.text)) return null;
  return Number(value.text);
}

/** Negative, zero or positive; null when the two are of kinds that have no order. */
function orderOf(left: Value, right: Value): number | null {
  if (left.kind === 'date' || right.kind === 'date') return sameKindOrder(left, right, asDay);
  if (left.kind === 'time' || right.kind === 'time') return sameKindOrder(left, right, asSeconds);
  const a = asInteger(left);
  const b = asInteger(right);
  if (a !== null && b !== null) return a - b;
  if (left.kind === 'integer' || right.kind === 'integer') return null;
  const [x, y] = [left.text.toLowerCase(), right.text.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}

function sameKindOrder(left: Value, right: Value, read: (text: string) => number | null): number | null {
  const [a, b] = [read(showValue(left)), read(showValue(right))];
  return a === null || b === null ? null : a - b;
}

function asDay(text: string): number | null {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  return match === null ? null : Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
}

function asSeconds(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  return match === null ? null : Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0);
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
