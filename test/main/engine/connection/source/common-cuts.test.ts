import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CommonCuts, type CommonOrder, type CommonReport } from '../../../../../src-main/engine/connection/source/common-cuts.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Two connections that were ordered to seek one cut. */
function pair() {
  const cuts = new CommonCuts();
  const orders: Record<string, CommonOrder[]> = { a: [], b: [] };
  const tell = (id: string) => (order: CommonOrder) => void orders[id]?.push(order);
  const join = (id: string, other: string) => cuts.join(id, other, id, tell(id));
  const hear = (id: string, report: CommonReport) => cuts.heard(id, report, tell(id));
  join('a', 'b');
  join('b', 'a');
  const cut = (id: string, atMs: number, change: Partial<Extract<CommonReport, { kind: 'cut' }>> = {}) =>
    hear(id, { kind: 'cut', atMs, label: 'point-in-time', why: null, ...change });
  const leave = (id: string, why: string) => cuts.leave(id, why);
  const last = (id: string) => orders[id]?.at(-1);
  const round = (id: string) => {
    const order = last(id);
    return order?.kind === 'look' ? order.round : expect.fail(`${id} was not asked`);
  };
  const looked = (id: string, moved: string | null, of = round(id)) => hear(id, { kind: 'looked', round: of, moved });
  return { hear, orders, join, leave, cut, last, round, looked };
}

test('two cuts after which nothing happened before both stood are one, of the later moment', () => {
  const { cut, last, looked } = pair();
  cut('a', 1_000);
  expect(last('a')).toBeUndefined(); // nothing can be said before both stand
  cut('b', 1_020);
  looked('a', null);
  expect(last('a')).toMatchObject({ kind: 'look' });
  looked('b', null);
  for (const id of ['a', 'b']) expect(last(id)).toEqual({ kind: 'same', atMs: 1_020 });
});

test('where something happened between both, they go on, with longer and longer gaps, and keep their last cuts in the end', () => {
  const { cut, last, looked, orders } = pair();
  for (let i = 0; i < 6; i++) {
    cut('a', i);
    cut('b', i);
    looked('b', 'the source changed');
  }
  const gaps = (id: string) => orders[id]?.flatMap((order) => (order.kind === 'again' ? [order.afterMs] : []));
  expect(gaps('a')).toEqual([20, 40, 80, 160, 320]);
  expect(gaps('b')).toEqual(gaps('a'));
  for (const id of ['a', 'b']) expect(last(id)).toEqual({ kind: 'apart', why: 'the source changed' });
});

test('a cut that is no point in time is not compared', () => {
  const { cut, last } = pair();
  cut('a', 1);
  cut('b', 1, { label: 'file-level', why: 'a large file is on its way' });
  expect(last('a')).toMatchObject({ kind: 'again' });
});

test('an answer about an earlier cut says nothing of a later one', () => {
  const { cut, last, looked, round } = pair();
  cut('a', 1);
  cut('b', 1);
  const earlier = round('a');
  looked('b', null);
  cut('a', 50); // it had lost the first one
  looked('a', null, earlier);
  expect(last('b')).toMatchObject({ kind: 'look' });
  looked('a', null);
  expect(last('b')).toMatchObject({ kind: 'look' });
  looked('b', null);
  expect(last('a')).toEqual({ kind: 'same', atMs: 50 });
});

test('one that is gone keeps nobody waiting, and what it says later counts for nothing', () => {
  const { hear, cut, last, leave, orders } = pair();
  cut('a', 1);
  leave('b', 'the connection ended');
  expect(last('a')).toEqual({ kind: 'apart', why: 'the connection ended' });
  hear('b', { kind: 'looked', round: 1, moved: null });
  expect(orders.b).toEqual([]);
});

test('one that gave up an earlier cut before it heard of the order for this one is told that it stands alone', () => {
  const { hear, last } = pair();
  hear('b', { kind: 'left', why: 'the link was lost' });
  for (const id of ['a', 'b']) expect(last(id)).toEqual({ kind: 'apart', why: 'the link was lost' });
});

test('one whose search was ended by what it said of an earlier one is told so at its cut, and does not stand there without end', () => {
  const { hear, cut, join, last, looked, orders } = pair();
  for (const [id, other] of [['a', 'b'], ['b', 'a']] as const) join(id, other); // prettier-ignore
  hear('b', { kind: 'left', why: 'the link was lost' }); // said before the second order reached it
  const told = orders.b?.length;
  cut('b', 2);
  expect(orders.b?.slice(told)).toMatchObject([{ kind: 'apart' }]);
  // It says no more than that each keeps its own.
  join('b', 'a');
  join('a', 'b');
  cut('a', 4);
  cut('b', 5);
  looked('a', null);
  looked('b', null);
  expect(last('b')).toEqual({ kind: 'same', atMs: 5 });
});

test('one that does not reach a cut is not waited for without end', () => {
  const { cut, last } = pair();
  cut('a', 1);
  vi.advanceTimersByTime(6_000);
  expect(last('a')).toMatchObject({ kind: 'apart', why: expect.stringContaining('did not reach a cut within 6 s') as string });
  expect(last('b')).toEqual(last('a'));
});

test('an order that is given anew begins anew, for both', () => {
  const { cut, join, last, looked } = pair();
  cut('a', 1);
  join('a', 'b');
  expect(last('b')).toMatchObject({ kind: 'apart' });
  join('b', 'a');
  cut('b', 5);
  cut('a', 4);
  looked('a', null);
  looked('b', null);
  expect(last('a')).toEqual({ kind: 'same', atMs: 5 });
});
