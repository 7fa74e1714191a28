import { readdirSync, statSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  SourceQueue,
  SpillLog,
  type QueueItem,
  type QueueLoss,
  type SourceQueueLimits,
} from '../../../../src-main/engine/queue/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const at = (path: string) => ({ root: 0, path });
const touched = (path: string, content = true) => ({ kind: 'touched' as const, place: at(path), content });
const renamed = (from: string, to: string) => ({ kind: 'renamed' as const, from: at(from), to: at(to), isFolder: false });

/** A queue whose memory holds `memoryBytes`, with a disk behind it. */
function make(limits: Partial<SourceQueueLimits> = {}, { bytes = 10, fileBytes = 2_000 } = {}) {
  const folder = `${tempFolder()}/queue`;
  const losses: QueueLoss[] = [];
  const queue = new SourceQueue({
    sizeOf: () => bytes,
    spill: new SpillLog(folder, fileBytes),
    limits: () => ({ memoryBytes: 1_000_000, diskBytes: null, keepFreeBytes: 0, ...limits }),
    onLost: (loss) => losses.push(loss),
  });
  return { queue, folder, losses };
}
function text(item: QueueItem): string {
  return item.kind === 'renamed' ? `renamed ${item.from.path} ${item.to.path}` : `${item.kind} ${item.place.path}`;
}
function drain(queue: SourceQueue): string[] {
  const seen: string[] = [];
  for (let item = queue.peek(); item !== undefined; item = queue.peek()) {
    queue.close(item);
    seen.push(text(item));
    queue.shift(item);
  }
  return seen;
}

test('changes of one path gather in one item, and order is kept', () => {
  const { queue } = make();
  for (const path of ['a', 'b', 'a', 'a']) queue.add(touched(path), 0);
  expect(queue.counts).toEqual({ memory: { ops: 2, bytes: 20 }, disk: { ops: 0, bytes: 0 } });
  expect(drain(queue)).toEqual(['examine a', 'examine b']);
  expect(queue.counts.memory).toEqual({ ops: 0, bytes: 0 });
});

test('a change of content joins a change of attributes, and its bytes count', () => {
  const { queue } = make();
  queue.add(touched('a', false), 0);
  expect(queue.counts.memory.bytes).toBe(0);
  queue.add(touched('a', true), 0);
  expect(queue.peek()).toMatchObject({ content: true });
  expect(queue.counts.memory).toEqual({ ops: 1, bytes: 10 });
});

test('a file that grows while it waits counts with its newest size, once, and leaves nothing behind', () => {
  const sizes = new Map([['a', 0]]);
  const queue = new SourceQueue({
    sizeOf: ({ path }) => sizes.get(path) ?? 0,
    spill: null,
    limits: () => ({ memoryBytes: 1_000_000, diskBytes: null, keepFreeBytes: 0 }),
    onLost: () => expect.fail('nothing is lost'),
  });
  queue.add(touched('a'), 0);
  expect(queue.counts.memory).toEqual({ ops: 1, bytes: 0 });
  for (const size of [100, 5000]) {
    sizes.set('a', size);
    queue.add(touched('a'), 0);
    queue.add(touched('a'), 0);
    expect(queue.counts.memory).toEqual({ ops: 1, bytes: size });
  }
  sizes.set('a', 9000);
  queue.add(touched('a'), 0);
  expect(drain(queue)).toEqual(['examine a']);
  expect(queue.counts.memory).toEqual({ ops: 0, bytes: 0 });
});

test('a change after a rename does not join one before it', () => {
  const { queue } = make();
  queue.add(touched('a'), 0);
  queue.add(renamed('b', 'a'), 0);
  queue.add(touched('a'), 0);
  expect(drain(queue)).toEqual(['examine a', 'renamed b a', 'examine a']);
});

test('a change of what is being looked at now is an item of its own', () => {
  const { queue } = make();
  queue.add(touched('a'), 0);
  const item = queue.peek();
  if (item !== undefined) queue.close(item);
  queue.add(touched('a'), 0);
  expect(queue.ops).toBe(2);
});

test('an item that was forgotten while it was followed does not take the next one along', () => {
  const { queue } = make();
  queue.add(touched('a'), 0);
  const item = queue.peek() ?? expect.fail('an item');
  queue.clear();
  queue.add(touched('b'), 0);
  queue.shift(item);
  expect(drain(queue)).toEqual(['examine b']);
});

test('beyond its memory new changes go to disk, come back in order with every byte of their names, and the files go', () => {
  const { queue, folder } = make({ memoryBytes: 3_000 });
  const names = Array.from({ length: 200 }, (_, i) => `folder/\xff\n${i}`);
  for (const name of names) queue.add(touched(name), 5);
  queue.add(renamed('x', 'y'), 6);
  queue.add({ kind: 'gone', place: at('z'), isFolder: true }, 7);
  const { memory, disk } = queue.counts;
  expect(memory.ops + disk.ops).toBe(202);
  expect(memory.bytes + disk.bytes).toBe(2_000);
  expect(disk.ops).toBeGreaterThan(150);
  expect(readdirSync(folder).length).toBeGreaterThan(1);
  expect(queue.usage.memoryBytes).toBeLessThanOrEqual(3_000 + 3_000 / 4 + 400);
  expect(queue.usage.diskBytes).toBe(readdirSync(folder).reduce((sum, name) => sum + statSync(`${folder}/${name}`).size, 0));
  expect(drain(queue)).toEqual([...names.map((name) => `examine ${name}`), 'renamed x y', 'gone z']);
  expect(queue.counts).toEqual({ memory: { ops: 0, bytes: 0 }, disk: { ops: 0, bytes: 0 } });
  expect(readdirSync(folder)).toEqual([]);
  queue.add(touched('again'), 0);
  expect(queue.counts.memory.ops).toBe(1);
});

test('whether an entry was moved away or deleted is known behind the disk too', () => {
  const { queue } = make({ memoryBytes: 3_000 });
  for (let i = 0; i < 100; i++) queue.add(touched(`f${i}`), 0);
  queue.add({ kind: 'gone', place: at('deleted'), isFolder: false }, 1);
  queue.add({ kind: 'gone', place: at('moved'), isFolder: false, isMoved: true }, 1);
  expect(queue.counts.disk.ops).toBeGreaterThan(10);
  const gone: (boolean | undefined)[] = [];
  for (let item = queue.peek(); item !== undefined; item = queue.peek()) {
    if (item.kind === 'gone') gone.push(item.isMoved);
    queue.shift(item);
  }
  expect(gone).toEqual([undefined, true]);
});

test('a file that changes without pause takes its place on disk once', () => {
  const { queue } = make({ memoryBytes: 3_000 });
  for (let i = 0; i < 100; i++) queue.add(touched(`f${i}`), 0);
  const { ops } = queue;
  for (let i = 0; i < 1_000; i++) queue.add(touched('f50'), 0);
  expect(queue.ops).toBe(ops);
});

test('at the limit of the disk everything is forgotten and said, once', () => {
  const { queue, folder, losses } = make({ memoryBytes: 3_000, diskBytes: 4_000 });
  for (let i = 0; losses.length === 0; i++) queue.add(touched(`file ${i}`), 0);
  expect(losses).toEqual([{ kind: 'limit', limitBytes: 4_000 }]);
  expect(queue.ops).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});

test('the free space that is to be left is left', () => {
  const { queue, losses } = make({ memoryBytes: 3_000, keepFreeBytes: 1e18 });
  for (let i = 0; losses.length === 0; i++) queue.add(touched(`file ${i}`), 0);
  expect(losses[0]).toMatchObject({ kind: 'free-space', keepFreeBytes: 1e18 });
});

test('a damaged file is told and nothing in it is believed', () => {
  const { queue, folder, losses } = make({ memoryBytes: 3_000 });
  for (let i = 0; i < 200; i++) queue.add(touched(`file ${i}`), 0);
  const [first = ''] = readdirSync(folder);
  writeFileSync(`${folder}/${first}`, Buffer.alloc(statSync(`${folder}/${first}`).size, 'x'));
  const seen = drain(queue);
  expect(seen.length).toBeLessThan(20);
  expect(losses).toMatchObject([{ kind: 'damaged', error: { code: 'damaged-data' } }]);
  expect(queue.ops).toBe(0);
});

test('whatever is added and taken, every change is in an item at or after its place in the order, and each byte counts once', () => {
  const path = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('touch' as const), path, content: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), path }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const { queue, losses } = make({ memoryBytes: 800 }, { fileBytes: 300 });
      /** What must still be seen, each with the renames before it. */
      let owed: { path: string; content: boolean; era: number }[] = [];
      let era = 0;
      let seenEra = 0;
      const take = () => {
        const item = queue.peek();
        if (item === undefined) return false;
        queue.close(item);
        queue.shift(item);
        if (item.kind === 'renamed') seenEra++;
        else if (item.kind === 'examine') {
          owed = owed.filter((one) => !(one.path === item.place.path && one.era === seenEra && (item.content || !one.content)));
        }
        return true;
      };
      for (const one of steps) {
        if (one.kind === 'touch') {
          queue.add(touched(one.path, one.content), 0);
          owed.push({ ...one, era });
        } else if (one.kind === 'rename') {
          queue.add(renamed(one.path, `${one.path}2`), 0);
          era++;
        } else take();
      }
      while (take());
      expect(owed).toEqual([]);
      expect(seenEra).toBe(era);
      expect(queue.counts).toEqual({ memory: { ops: 0, bytes: 0 }, disk: { ops: 0, bytes: 0 } });
      expect(losses).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('of a folder that is walked for an item before it only the folder itself is left to look at, unless more is told of it', () => {
  const { queue } = make();
  const appeared = (path: string) => queue.add({ kind: 'appeared', place: at(path) }, 0);
  const deep = () => {
    const items: string[] = [];
    for (let item = queue.peek(); item !== undefined; item = queue.peek()) {
      if (item.kind === 'examine') items.push(`${item.place.path} ${item.deep ? 'deep' : 'alone'}`);
      queue.shift(item);
    }
    return items;
  };
  for (const path of ['a', 'a/b', 'a/b/c']) appeared(path);
  for (const path of ['a/b', 'a/b/c', 'a/other']) queue.walked(at(path));
  appeared('a/b/c');
  expect(deep()).toEqual(['a deep', 'a/b alone', 'a/b/c deep']);
  // When anything moved meanwhile, what was walked may have been another folder.
  for (const path of ['a', 'a/b']) appeared(path);
  queue.walked(at('a/b'));
  queue.add(renamed('x', 'y'), 0);
  expect(deep()).toEqual(['a deep', 'a/b deep']);
  // Behind a rename the path may be another folder's.
  appeared('a/b');
  queue.add(renamed('x', 'a'), 0);
  queue.walked(at('a/b'));
  expect(deep()).toEqual(['a/b deep']);
});
