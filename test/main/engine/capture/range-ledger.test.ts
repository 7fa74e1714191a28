import { expect, test } from 'vitest';
import { RangeLedger } from '../../../../src-main/engine/capture/range-ledger.ts';

const identity = { dev: 1n, ino: 2n };
const nobody = (): boolean => false;

/** A ledger that covers the file `f`, of which everything so far was told. */
function covering(): RangeLedger {
  const ledger = new RangeLedger();
  ledger.begin('f', identity);
  ledger.handled(true);
  ledger.handled(true);
  expect(ledger.tell('f', nobody)).toBeNull();
  return ledger;
}

test('a file may have changed anywhere until all that happened before it was covered has been told', () => {
  const ledger = new RangeLedger();
  expect(ledger.tell('f', nobody)).toBeNull();
  ledger.handled(true);
  ledger.begin('f', identity);
  ledger.willWrite('f', 1, 0, 10);
  expect(ledger.tell('f', nobody)).toBeNull();
  ledger.handled(true); // this batch was read before the file was covered
  expect(ledger.tell('f', nobody)).toBeNull();
  ledger.handled(false);
  expect(ledger.tell('f', nobody)).toBeNull();
  ledger.handled(true);
  expect(ledger.tell('f', nobody)).toBeNull(); // the last word about what came before
  ledger.willWrite('f', 1, 20, 10);
  expect(ledger.tell('f', nobody)).toEqual([{ offset: 20, length: 10 }]);
});

test('ranges are told joined, and once', () => {
  const ledger = covering();
  ledger.willWrite('f', 1, 4096, 4096);
  ledger.willWrite('f', 2, 0, 4096);
  ledger.willWrite('f', 1, 8192, 100);
  ledger.willWrite('f', 1, 20_000, 1);
  expect(ledger.tell('f', nobody)).toEqual([
    { offset: 0, length: 8292 },
    { offset: 20_000, length: 1 },
  ]);
  expect(ledger.tell('f', nobody)).toEqual([]);
});

test('a range whose thread may still be writing is told again', () => {
  const ledger = covering();
  ledger.willWrite('f', 1, 0, 10);
  ledger.willWrite('f', 2, 50, 10);
  expect(ledger.tell('f', (thread) => thread === 1)).toHaveLength(2);
  expect(ledger.tell('f', nobody)).toEqual([{ offset: 0, length: 10 }]);
  expect(ledger.tell('f', nobody)).toEqual([]);
});

test('a file that changes in other ways is not covered until it is begun anew', () => {
  const ledger = covering();
  ledger.willWrite('f', 1, 0, 10);
  ledger.spoil('f');
  ledger.willWrite('f', 1, 50, 10);
  expect(ledger.state('f')).toBe('spoiled');
  expect(ledger.tell('f', nobody)).toBeNull();
});

test('lost notices and too many ranges leave one comparison, and what is on its way is kept', () => {
  const ledger = covering();
  ledger.lost();
  expect(ledger.tell('f', nobody)).toBeNull();
  expect(ledger.tell('f', nobody)).toEqual([]);
  for (let i = 0; i < 5_000; i++) ledger.willWrite('f', 1, i * 100, 10);
  ledger.willWrite('f', 2, 7, 1);
  expect(ledger.tell('f', (thread) => thread === 2)).toBeNull();
  expect(ledger.tell('f', nobody)).toEqual([{ offset: 7, length: 1 }]);
});

test('of very many files the one that was told of longest ago is no longer covered', () => {
  const ledger = covering();
  ledger.begin('g', identity);
  ledger.tell('f', nobody);
  for (let i = 0; i < 1023; i++) ledger.begin(`h${i}`, identity);
  expect(ledger.state('f')).toBe('covered');
  expect(ledger.state('g')).toBeNull();
});
