import { expect, test } from 'vitest';
import { Freezing } from '../../../../../../src-main/engine/connection/source/hooks/freezing.ts';

const SECOND = 1_000_000_000n;

function bench(freeze: string | null = '/freeze') {
  let nowNs = 0n;
  const told: string[] = [];
  const freezing = new Freezing({
    settings: () => ({ freeze, timeoutSeconds: 30 }),
    ask: (barrier, why) => told.push(`ask ${barrier} ${why}`),
    end: (barrier, cut) => told.push(`end ${barrier} ${cut?.sequence ?? 'none'}`),
    nowNs: () => nowNs,
  });
  const pass = (ns: bigint) => {
    nowNs += ns;
  };
  return { freezing, told, pass };
}

test('without a program nothing is asked', () => {
  const { freezing } = bench(null);
  expect([freezing.isWanted, freezing.remark]).toEqual([false, null]);
});

test('a cut is asked for once, counts on the rest while it lasts, and ends it', () => {
  const { freezing, told } = bench();
  expect(freezing.isWanted).toBe(true);
  freezing.ask('pause', null);
  expect([freezing.isWanted, freezing.isPending]).toEqual([false, true]);
  freezing.answered(1, { isFrozen: true, untilNs: 10n * SECOND });
  expect([freezing.isPending, freezing.frozenForMs, freezing.remark?.isFrozen]).toEqual([false, 9_750, true]);
  freezing.end({ sequence: 3, at: '', label: 'point-in-time' });
  freezing.end(null);
  expect(told).toEqual(['ask 1 pause', 'end 1 3']);
  expect(freezing.isWanted).toBe(true);
});

test('a rest that is nearly over does not count', () => {
  const { freezing, pass } = bench();
  freezing.ask('hold', null);
  freezing.answered(1, { isFrozen: true, untilNs: 10n * SECOND });
  pass(10n * SECOND - 1n);
  expect(freezing.frozenForMs).toBe(0);
  expect(freezing.remark?.text).toBe('the application was let go before the cut was made');
});

test('an answer that never comes is not waited for', () => {
  const { freezing, pass } = bench();
  freezing.ask('pause', null);
  pass(35n * SECOND);
  expect(freezing.isPending).toBe(false);
  expect(freezing.remark?.text).toBe('the application was not frozen in time');
});

test('an answer to an earlier cut says nothing about this one', () => {
  const { freezing } = bench();
  freezing.ask('pause', null);
  freezing.end(null);
  freezing.ask('pause', null);
  freezing.answered(1, { isFrozen: true, untilNs: 10n * SECOND });
  expect(freezing.isPending).toBe(true);
  freezing.answered(2, { isFrozen: false, why: 'it failed' });
  expect(freezing.remark?.text).toBe('it failed');
});
