import { mkdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AttributeSetter, Flusher, makeStagePlaces, Stage } from '../../../../../src-main/engine/apply/index.ts';
import { Intake } from '../../../../../src-main/engine/connection/target/intake.ts';
import { OwnerMap } from '../../../../../src-main/engine/connection/target/owner-map.ts';
import type { SourceMessage, WireOp } from '../../../../../src-main/engine/wire/index.ts';
import { stagedFiles } from '../../../../support/staged-files.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const attributes = { mode: 0o644, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mtimeNs: 0n };

function intake(): { take: (...ops: WireOp[]) => void; intake: Intake; staged: () => string[] } {
  const folder = tempFolder();
  mkdirSync(`${folder}/root`);
  const places = makeStagePlaces([`${folder}/root`], 'one');
  const flusher = new Flusher(places.volumes);
  const owners = OwnerMap.open(`${folder}/owners`);
  const stage = new Stage(places, flusher, new AttributeSetter(() => undefined, owners));
  onTestFinished(() => {
    flusher.abandon();
    stage.close();
  });
  const made = new Intake(stage, 1, 0);
  const payload = Buffer.from('data');
  const staged = () => stagedFiles(places.roots[0]?.folder ?? '');
  return {
    intake: made,
    staged,
    take: (...ops) => expect(made.take({ kind: 'ops', ops }, { parts: [payload] })).toBeNull(),
  };
}

test('what came during a flush of data may join the ops that wait for it, up to the first that brought data of its own', () => {
  const { intake: made, take } = intake();
  const sequences = (ops: readonly { readonly op: WireOp }[]) => ops.map(({ op }) => op.sequence);
  const write = (sequence: number): WireOp => ({ kind: 'write', sequence, root: 0, path: `f${sequence}`, size: 4, attributes });
  take({ kind: 'group-begin', sequence: 1 }, write(2));
  expect(sequences(made.takeReady())).toEqual([1, 2]);
  take({ kind: 'attributes', sequence: 3, root: 0, path: '', entry: 'folder', attributes });
  take({ kind: 'group-end', sequence: 4, atMs: 0, label: 'point-in-time' });
  take(write(5));
  take({ kind: 'remove', sequence: 6, root: 0, path: 'gone', entry: 'file', isKept: false });
  expect(sequences(made.takeReadyWithoutData())).toEqual([3, 4]);
  expect(sequences(made.takeReadyWithoutData())).toEqual([]);
  expect(sequences(made.takeReady())).toEqual([5, 6]);
  expect(sequences(made.takeReadyWithoutData())).toEqual([]);
});

describe('a stream', () => {
  const payload = Buffer.from('data');
  const nothing = { parts: [] };
  const open = { kind: 'stream', stream: 1, root: 0, isPatch: false } as const;
  const data = { kind: 'data', stream: 1, offset: 0 } as const;
  const op: WireOp = { kind: 'write-stream', sequence: 2, root: 0, path: 'large' };
  const small: WireOp = { kind: 'write', sequence: 1, root: 0, path: 'small', size: 4, attributes };
  const end = (sequence: number) => ({ kind: 'data-end', stream: 1, sequence, size: 4, attributes }) as const;
  type Taken = Extract<SourceMessage, { kind: 'stream' | 'data' | 'data-end' | 'data-drop' }>;
  const say = (made: Intake, ...messages: Taken[]) => {
    for (const message of messages)
      expect(made.take(message, message.kind === 'data' ? { parts: [payload] } : nothing)).toBeNull();
  };

  test('holds up nothing that comes while it does, and is complete when its op comes', () => {
    const { intake: made, take, staged } = intake();
    say(made, open, data);
    take(small);
    expect(made.takeReady()).toMatchObject([{ op: { path: 'small' }, end: null }]);
    say(made, end(2));
    expect(made.hasReady).toBe(false);
    take(op);
    expect(made.takeReady()).toMatchObject([{ op: { path: 'large' }, end: { isWhole: true, size: 4, bytes: 4 } }]);
    expect(staged()).toEqual(['1', '2']);
    expect(made.streamBytes).toBe(4);
  });

  test('is gone with its link, also when it had ended; ops that came stay', () => {
    const { intake: made, take, staged } = intake();
    take(small);
    say(made, open, data, { ...open, stream: 2 }, end(2));
    expect(staged()).toEqual(['1', '2', 'stream-2']);
    made.dropIncomplete();
    expect(staged()).toEqual(['1']);
    expect([made.lastSequence, made.streamBytes, made.takeReady().length]).toEqual([1, 0, 1]);
  });

  test('that is given up leaves nothing', () => {
    const { intake: made, staged } = intake();
    say(made, open, data, { kind: 'data-drop', stream: 1 });
    expect(staged()).toEqual([]);
    say(made, open);
  });

  type Message = Taken | { readonly kind: 'op'; readonly op: WireOp };
  const opens = Array.from({ length: 33 }, (_, stream) => ({ ...open, stream }));
  test.each<[string, Message[]]>([
    ['data of a stream that is not open', [data]],
    ['a stream that is open already', [open, open]],
    ['a stream for a root that the replica does not have', [{ ...open, root: 7 }]],
    ['an op without the stream that it takes', [{ kind: 'op', op: { ...op, sequence: 1 } }]],
    ['an op without the stream that it takes', [{ ...open, isPatch: true }, end(1), { kind: 'op', op: { ...op, sequence: 1 } }]],
    ['a stream ended for an op that takes none', [open, end(1), { kind: 'op', op: small }]],
    ['a stream ended out of turn', [{ kind: 'op', op: small }, open, end(1)]],
    ['a stream ended out of turn', [open, end(1), { ...open, stream: 2 }, { ...end(1), stream: 2 }]],
    ['more streams than may be open', opens],
  ])('%s breaks the protocol', (text, messages) => {
    const { intake: made, take } = intake();
    const sayAll = () => {
      for (const message of messages) {
        if (message.kind === 'op') take(message.op);
        else say(made, message);
      }
    };
    expect(sayAll).toThrow(expect.objectContaining({ code: 'protocol-error', details: { text } }));
  });
});
