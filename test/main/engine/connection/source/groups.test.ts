import { lstatSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { SyncBell } from '../../../../../src-main/engine/capture/index.ts';
import { Absences } from '../../../../../src-main/engine/connection/source/absences.ts';
import { CaptureSync } from '../../../../../src-main/engine/connection/source/capture-sync.ts';
import { CleanReads } from '../../../../../src-main/engine/connection/source/clean-reads.ts';
import { Groups } from '../../../../../src-main/engine/connection/source/groups.ts';
import { Roots } from '../../../../../src-main/engine/connection/source/roots.ts';
import { Outbox, type Channel, type NewOp } from '../../../../../src-main/engine/transmit/index.ts';
import type { WireOp } from '../../../../../src-main/engine/wire/index.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** Groups over a real outbox and real sync points, which the test answers; the clock is the test's. */
function bench() {
  const folder = tempFolder();
  const clock = { nowMs: 1_000 };
  const facts: {
    obstacle: string | null;
    restless: string | null;
    instantInMs: number | null;
    remark: { text: string; isFrozen: boolean } | null;
  } = { obstacle: null, restless: null, instantInMs: null, remark: null };
  const bell = SyncBell.make(`${folder}/bell`);
  const sync = new CaptureSync(`${folder}/bell`);
  sync.started();
  onTestFinished(() => {
    sync.close();
    bell?.close();
  });
  const outbox = new Outbox(() => undefined);
  const ops: WireOp[] = [];
  const send: Channel['send'] = (message) => {
    if (message.kind === 'ops') ops.push(...message.ops);
  };
  outbox.open({ send }, 0, 0);
  const reads = new CleanReads(new Roots([folder], []), true);
  const absences = new Absences(() => clock.nowMs);
  const groups = new Groups({
    outbox, sync, reads, absences, obstacle: () => facts.obstacle, remark: () => facts.remark, restless: () => facts.restless,
    instantInMs: () => facts.instantInMs, lookAgain: () => undefined,
    mostAgeMs: () => 500, nowMs: () => clock.nowMs, wallMs: () => clock.nowMs,
  }); // prettier-ignore
  outbox.onPushed = (op) => groups.pushed(op);
  const change = (path: string) => {
    groups.following();
    outbox.push(
      { kind: 'remove', root: 0, path, entry: 'file', isKept: false },
      { bytes: 0, class: 'replication', noticedAtMs: null },
    );
  };
  /** The capture tells that all before the newest request was noticed. */
  const answer = () => {
    const { request } = bell?.take() ?? { request: null };
    if (request !== null) sync.answered(request);
  };
  const kinds = () => ops.map((op) => (op.kind === 'group-end' ? op.label : op.kind));
  return { folder, clock, facts, groups, outbox, reads, sync, absences, change, answer, kinds };
}

test('a group that nothing disturbed up to its sync point ends as a point in time', () => {
  const { groups, change, answer, kinds } = bench();
  change('a');
  change('b');
  expect(groups.rest()).not.toBeNull();
  answer();
  expect(groups.rest()).toBeNull();
  expect(kinds()).toEqual(['group-begin', 'remove', 'remove', 'point-in-time']);
  groups.acknowledged('point-in-time');
  expect(groups.consistency()).toEqual({ consistency: 'point-in-time', consistencyWhy: '' });
});

test('a cut that is sought for a pause is marked as one, and no other group', () => {
  const { groups, change, answer, kinds } = bench();
  groups.isPauseSought = true;
  change('a');
  groups.asking();
  expect(kinds()).toEqual(['group-begin', 'remove', 'file-level']);
  groups.rest(true);
  answer();
  expect(groups.rest(true)).toBeNull();
  expect(kinds().slice(3)).toEqual(['barrier', 'point-in-time']);
  groups.isPauseSought = false;
  groups.force('the connection ends');
  expect(kinds().slice(5)).toEqual(['file-level']);
});

test('a group that grows large is ended, so that the target applies it while more comes; at rest there is a point in time again', () => {
  const { groups, change, answer, kinds } = bench();
  for (let i = 0; i < 3_000; i++) change(`${i}`);
  groups.rest();
  answer();
  expect(groups.rest()).toBeNull();
  const all = kinds();
  expect(all.slice(0, 2)).toEqual(['group-begin', 'remove']);
  expect(all.indexOf('file-level')).toBe(1_001 + 1);
  expect(all.filter((kind) => kind !== 'remove')).toEqual(['group-begin', 'file-level', 'point-in-time']);
});

test('a change that comes before the answer joins the group, and a new sync point is asked for', () => {
  const { groups, change, answer, kinds } = bench();
  change('a');
  groups.rest();
  change('b');
  answer(); // to the request from before the change
  expect(groups.rest()).not.toBeNull();
  expect(kinds()).not.toContain('point-in-time');
  answer();
  expect(groups.rest()).toBeNull();
  expect(kinds()).toEqual(['group-begin', 'remove', 'remove', 'point-in-time']);
});

test('a group that does not settle ends as file-level, and for a while nothing is held together', () => {
  const { clock, groups, change, kinds } = bench();
  change('a');
  clock.nowMs += 501;
  change('b');
  change('c');
  groups.force('the test looks');
  expect(kinds()).toEqual(['group-begin', 'remove', 'file-level', 'remove', 'remove', 'file-level']);
  expect(groups.cut?.why).toBe('the test looks');
  clock.nowMs += 5_001;
  change('d');
  groups.force('the test looks');
  expect(kinds().slice(-3)).toEqual(['group-begin', 'remove', 'file-level']);
});

test('an entry that is missing without a reason keeps the group open', () => {
  const { groups, absences, change, answer, kinds } = bench();
  change('a');
  absences.noted({ root: 0, path: 'b' });
  expect(groups.rest()).not.toBeNull();
  absences.explained({ root: 0, path: 'b' });
  groups.rest();
  answer();
  expect(groups.rest()).toBeNull();
  expect(kinds().at(-1)).toBe('point-in-time');
});

test('a file that was written since its read keeps the group open until it is read again', () => {
  const { folder, groups, reads, change, answer, kinds } = bench();
  const read = () => {
    const { size, mtimeNs } = lstatSync(`${folder}/f`, { bigint: true });
    reads.read({ root: 0, path: 'f' }, { size: Number(size), mtimeNs });
  };
  writeFileSync(`${folder}/f`, 'old');
  change('a');
  read();
  // Its notice is still on the way, so that nothing but the time stamp tells.
  writeFileSync(`${folder}/f`, 'written since');
  for (let look = 0; look < 3; look++) {
    expect(groups.rest()).not.toBeNull();
    answer();
  }
  expect(kinds()).not.toContain('point-in-time');
  read();
  groups.rest();
  answer();
  expect(groups.rest()).toBeNull();
  expect(kinds().at(-1)).toBe('point-in-time');
});

test('what stands against a point in time is the reason of the label', () => {
  const { facts, groups, change, kinds } = bench();
  facts.obstacle = 'a mirror is running';
  change('a');
  expect(groups.rest()).toBeNull();
  expect(kinds()).toEqual(['remove', 'file-level']);
  expect(groups.consistency()).toEqual({ consistency: 'file-level', consistencyWhy: 'a mirror is running' });
});

test('without a capture that tells sync points nothing is called a point in time', () => {
  const { groups, sync, change, kinds } = bench();
  sync.close();
  change('a');
  expect(groups.rest()).toBeNull();
  expect(kinds().at(-1)).toBe('file-level');
  expect(groups.cut?.why).toBe('this system tells no sync points of its changes');
});

test('a cut for which the application stood still says so, and one that was forced all the same says both', () => {
  const { facts, groups, change, answer } = bench();
  facts.remark = { text: 'the application was frozen', isFrozen: true };
  change('a');
  groups.seek();
  groups.rest(true);
  answer();
  expect(groups.rest(true)).toBeNull();
  expect(groups.cut).toMatchObject({ label: 'point-in-time', why: 'the application was frozen', isFrozen: true });
  change('b');
  groups.force('changes did not rest for 9000 ms');
  expect(groups.cut).toMatchObject({
    label: 'file-level',
    why: 'changes did not rest for 9000 ms; the application was frozen',
  });
});

test('what is kept of a read is its place and nothing of the op that brought it; content in pieces takes its place', () => {
  const { folder, groups, outbox, reads } = bench();
  writeFileSync(`${folder}/a`, 'x');
  const cost = { bytes: 0, class: 'replication', noticedAtMs: null } as const;
  const push = (op: NewOp) => outbox.push(op, cost);
  const write = () =>
    push({ kind: 'write', root: 0, path: 'a', size: 0, attributes: { mode: 0o644, uid: 0, gid: 0, mtimeNs: 1n } });
  groups.following();
  write();
  expect(reads.takeAll()).toStrictEqual([{ root: 0, path: 'a' }]);
  write();
  push({ kind: 'write-stream', root: 0, path: 'a' });
  expect(reads.size).toBe(0);
});

test('a group that cannot settle by itself stays open for copies, and is given up when none come in its time', () => {
  const { clock, facts, groups, change, kinds } = bench();
  facts.restless = 'a large file changes without rest';
  facts.instantInMs = 100;
  change('a');
  expect(groups.rest()).toBe(500);
  expect(groups.isLate).toBe(false);
  clock.nowMs += 501;
  expect(groups.isLate).toBe(true);
  groups.holdTogether();
  groups.endInstant(900);
  expect(groups.cut).toMatchObject({ label: 'point-in-time', at: new Date(900).toISOString() });
  expect(groups.rest()).toBeNull();
  change('b');
  clock.nowMs += 501;
  groups.rest();
  expect(groups.cut).toMatchObject({ label: 'file-level', why: 'a large file changes without rest' });
  // The next group begins when copies may be made again.
  change('c');
  clock.nowMs += 101;
  change('d');
  groups.force('the test looks');
  expect(kinds()).toEqual([
    'group-begin', 'remove', 'point-in-time', 'group-begin', 'remove', 'file-level', 'remove', 'group-begin', 'remove', 'file-level',
  ]); // prettier-ignore
});

test('who seeks a cut while a file does not rest is told to wait for copies', () => {
  const { facts, groups, kinds } = bench();
  facts.restless = 'a large file changes without rest';
  expect(groups.rest(true)).toBeGreaterThan(0);
  expect(kinds()).toEqual([]);
});

test('a new link during a pause ends no group, as the target stands at the cut; anywhere else it does', () => {
  const { groups, change, answer, kinds } = bench();
  change('a');
  groups.rest(true);
  answer();
  groups.rest(true);
  const { cut } = groups;
  if (cut === null) throw new Error('there is a cut');
  groups.linked(cut);
  expect(kinds()).toEqual(['group-begin', 'remove', 'point-in-time']);
  expect(groups.cut).toBe(cut);
  groups.linked({ ...cut, sequence: cut.sequence - 1 });
  expect(kinds().at(-1)).toBe('file-level');
});
