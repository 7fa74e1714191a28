import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { PendingOps } from '../../../../../src-main/engine/connection/target/pending-ops.ts';
import { TargetQueue } from '../../../../../src-main/engine/queue/index.ts';
import { encodeStoredOp, type StoredOp } from '../../../../../src-main/engine/wire/index.ts';
import { collectGarbage } from '../../../../support/collect-garbage.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const attributes = { mode: 0o644, uid: 0, gid: 0, mtimeNs: 0n };
const write = (sequence: number): StoredOp => ({
  op: { kind: 'write', sequence, root: 0, path: `f${sequence}`, size: 10, attributes },
  end: null,
});

function append(queue: TargetQueue, from: number, to: number): StoredOp[] {
  const ops = Array.from({ length: to - from + 1 }, (_, i) => write(from + i));
  queue.append(ops.map((stored) => ({ sequence: stored.op.sequence, bytes: encodeStoredOp(stored) })));
  return ops;
}

test('more ops than memory shall hold come back from the queue, each once and in order', () => {
  const queue = TargetQueue.open(tempFolder());
  const pending = new PendingOps(queue);
  let next = 1;
  const takeSome = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const stored = pending.peek();
      if (stored === null) return;
      expect(stored).toEqual(write(next));
      queue.markApplied(next);
      pending.done();
      next++;
    }
  };
  for (let from = 1; from <= 60_000; from += 1_000) {
    pending.push(append(queue, from, from + 999));
    takeSome(from % 3_000 === 1 ? 700 : 100);
  }
  expect(pending.count).toBe(60_000 - (next - 1));
  expect(pending.bytes).toBe(pending.count * 10);
  takeSome(Infinity);
  expect(next).toBe(60_001);
  expect(pending.count).toBe(0);
  queue.delete();
});

test('what an earlier run left in the queue comes first', () => {
  const folder = tempFolder();
  append(TargetQueue.open(folder), 1, 5);
  const queue = TargetQueue.open(folder);
  const pending = new PendingOps(queue);
  expect([pending.count, pending.bytes]).toEqual([5, 50]);
  pending.push(append(queue, 6, 6));
  for (let sequence = 1; sequence <= 6; sequence++) {
    expect(pending.peek()).toEqual(write(sequence));
    pending.done();
  }
  expect(pending.peek()).toBeNull();
  queue.delete();
});

test('an op that is written but not flushed is not given out', () => {
  const queue = TargetQueue.open(tempFolder());
  const pending = new PendingOps(queue);
  const many = append(queue, 1, 25_000);
  pending.push(many);
  append(queue, 25_001, 25_002);
  let given = 0;
  for (let stored = pending.peek(); stored !== null; stored = pending.peek()) {
    given = stored.op.sequence;
    pending.done();
  }
  expect(given).toBe(25_000);
  queue.delete();
});

test('ops that are over are let go although more of them always wait', async () => {
  const queue = TargetQueue.open(tempFolder());
  const pending = new PendingOps(queue);
  const first = (): WeakRef<StoredOp> => {
    const ops = append(queue, 1, 3_000);
    pending.push(ops);
    return new WeakRef(ops[0] ?? write(0));
  };
  const ref = first();
  for (let i = 0; i < 2_500; i++) {
    pending.peek();
    pending.done();
  }
  await nextTurn(); // what a turn made is not collected in it
  collectGarbage();
  expect(ref.deref()).toBeUndefined();
  expect(pending.peek()?.op.sequence).toBe(2_501);
  queue.delete();
});
