import { expect, test } from 'vitest';
import { Outbox } from '../../../../src-main/engine/transmit/index.ts';
import { encodeSource, MAX_HEADER_BYTES, type SourceMessage } from '../../../../src-main/engine/wire/index.ts';

test('ops with long paths and many attributes leave in frames that hold them', () => {
  const frames: SourceMessage[] = [];
  const outbox = new Outbox(() => undefined);
  outbox.open({ send: (message) => void frames.push(message) }, 0, 0);
  const extended = [{ name: 'user.a', value: Buffer.alloc(120 * 1024) }];
  const attributes = { mode: 0o644, uid: 0, gid: 0, mtimeNs: 0n, extended };
  const free = { bytes: 0, class: 'mirror', noticedAtMs: null } as const;
  for (let i = 0; i < 20; i++) outbox.push({ kind: 'folder', root: 0, path: 'a', attributes }, free);
  for (let i = 0; i < 1000; i++)
    outbox.push({ kind: 'remove', root: 0, path: 'n'.repeat(4000), entry: 'file', isKept: false }, free);
  outbox.flush();
  const sent = frames.flatMap((frame) => (frame.kind === 'ops' ? frame.ops : []));
  expect(sent.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1020 }, (_, i) => i + 1));
  for (const frame of frames) expect(encodeSource(frame)[0]?.length).toBeLessThan(MAX_HEADER_BYTES);
});

test('the memory of a frame is used again when it was written, and never before', () => {
  const sent: { payload: Uint8Array; written: () => void }[] = [];
  const outbox = new Outbox(() => undefined);
  outbox.open(
    {
      send: (_message, payload, onWritten) =>
        void sent.push({ payload: payload ?? Buffer.alloc(0), written: onWritten ?? expect.fail() }),
    },
    0,
    0,
  );
  const attributes = { mode: 0o644, uid: 0, gid: 0, mtimeNs: 0n };
  const send = (byte: number) => {
    outbox.reserve(1000).fill(byte);
    outbox.push(
      { kind: 'write', root: 0, path: 'f', size: 1000, attributes },
      { bytes: 1000, class: 'mirror', noticedAtMs: null, inlineBytes: 1000 },
    );
    outbox.flush();
  };
  for (let i = 0; i < 10; i++) send(i);
  for (const [i, { payload }] of sent.entries()) expect(payload.every((byte) => byte === i)).toBe(true);
  expect(new Set(sent.map(({ payload }) => payload.buffer)).size).toBe(10);
  for (const { written } of sent.splice(0)) written();
  const memory = new Set<ArrayBufferLike>();
  for (let i = 0; i < 20; i++) {
    send(i);
    const frame = sent.pop() ?? expect.fail();
    memory.add(frame.payload.buffer);
    frame.written();
  }
  expect(memory.size).toBeLessThanOrEqual(7);
});

test('no op leaves before whoever added it could note it in the catalog, also where it fills a frame', () => {
  const noted = new Set<number>();
  const left: number[] = [];
  const isNoted: boolean[] = [];
  const outbox = new Outbox(() => undefined);
  const send = (message: SourceMessage) => {
    for (const { sequence } of message.kind === 'ops' ? message.ops : []) {
      left.push(sequence);
      isNoted.push(noted.has(sequence));
    }
  };
  outbox.open({ send }, 0, 0);
  const attributes = { mode: 0o644, uid: 0, gid: 0, mtimeNs: 0n };
  const cost = { bytes: 0, class: 'mirror', noticedAtMs: null } as const;
  for (let i = 0; i < 3000; i++) noted.add(outbox.push({ kind: 'folder', root: 0, path: 'a', attributes }, cost));
  for (let i = 0; i < 20; i++) {
    outbox.reserve(200_000).fill(1);
    const written = { ...cost, bytes: 200_000, inlineBytes: 200_000 };
    noted.add(outbox.push({ kind: 'write', root: 0, path: 'f', size: 200_000, attributes }, written));
  }
  expect(left.length).toBeGreaterThan(3000);
  outbox.flush();
  expect(left).toEqual(Array.from({ length: 3020 }, (_, i) => i + 1));
  expect(isNoted).not.toContain(false);
});
