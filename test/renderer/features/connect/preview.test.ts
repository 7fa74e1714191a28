import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallFailure } from '../../../../src-renderer/api/index.ts';
import { stepToCorrect } from '../../../../src-renderer/features/connect/draft.svelte.ts';
import { PathPreview } from '../../../../src-renderer/features/connect/preview.svelte.ts';

const map = (base: string) => ({ kind: 'base', base }) as const;
const roots = (to: string) => [{ from: '/a', to }];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('only the last of several quick changes is asked about', async () => {
  const preview = new PathPreview();
  const ask = vi.fn((asked: { kind: string; base?: string }) => Promise.resolve(roots(asked.base ?? '')));
  for (const base of ['/r', '/re', '/rep']) preview.ask(map(base), (asked) => ask(asked));
  expect(preview.isAsking).toBe(true);
  await vi.advanceTimersByTimeAsync(300);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(preview.roots).toEqual(roots('/rep'));
  expect(preview.isAsking).toBe(false);
});

test('an answer that came too late is dropped, and a refusal shows its words', async () => {
  const preview = new PathPreview();
  let answerFirst: (value: ReturnType<typeof roots>) => void = () => undefined;
  preview.ask(map('/slow'), () => new Promise((done) => (answerFirst = done)));
  await vi.advanceTimersByTimeAsync(300);
  preview.ask(map('/bad'), () => Promise.reject(new CallFailure({ code: 'map-invalid', text: 'Not possible.', details: {} })));
  await vi.advanceTimersByTimeAsync(300);
  answerFirst(roots('/slow'));
  await vi.advanceTimersByTimeAsync(0);
  expect(preview.roots).toEqual([]);
  expect(preview.problem).toBe('Not possible.');
  preview.ask(null, () => Promise.resolve([]));
  expect(preview.problem).toBeNull();
});

test.each([
  ['map-loop', 'place'],
  ['not-a-folder', 'place'],
  ['set-unsaved', 'data'],
  ['unreachable', 'target'],
  ['internal', null],
])('a start refused with %s is put right at: %s', (code, step) => {
  expect(stepToCorrect(new CallFailure({ code, text: '', details: {} }))).toBe(step);
});
