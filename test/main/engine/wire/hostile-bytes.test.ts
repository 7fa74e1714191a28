import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplicationError } from '../../../../src-main/base/index.ts';
import {
  encodeSource,
  encodeTarget,
  MAX_HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  sourceDecoder,
  targetDecoder,
  type WireOp,
} from '../../../../src-main/engine/wire/index.ts';
import { FrameMutator } from '../../../support/frame-mutator.ts';
import { sourceMessages, targetMessages } from './arbitraries.ts';

const INPUTS = 1_000_000;

/** Feeds hostile bytes to a decoder, whole or in two parts; the only way out besides messages is a coded error. */
function feed(decoder: { feed(chunk: Buffer): unknown }, bytes: Buffer, cut: number): void {
  try {
    decoder.feed(bytes.subarray(0, cut));
    if (cut < bytes.length) decoder.feed(bytes.subarray(cut));
  } catch (error) {
    if (!(error instanceof ReplicationError) || error.code !== 'protocol-error') throw error;
  }
}

test(
  `${INPUTS.toLocaleString('en-GB')} random or damaged inputs give messages or a protocol-error, nothing else`,
  { timeout: 120_000 },
  () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    const mutator = new FrameMutator(seed, [
      ...fc
        .sample(sourceMessages, { numRuns: 300, seed })
        .map(({ message, payload }) => Buffer.concat(encodeSource(message, payload))),
      ...fc
        .sample(targetMessages, { numRuns: 300, seed })
        .map(({ message, payload }) => Buffer.concat(encodeTarget(message, payload))),
    ]);
    // A refusal's stack would be most of the work, and nobody reads it.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      for (let i = 0; i < INPUTS; i++) {
        const bytes = mutator.next();
        const cut = i % 3 === 0 ? mutator.below(bytes.length + 1) : bytes.length;
        try {
          feed(i % 2 === 0 ? sourceDecoder() : targetDecoder(), bytes, cut);
        } catch (error) {
          throw new Error(`input ${i} of seed ${seed}, cut at ${cut}: ${bytes.toString('hex')}`, { cause: error });
        }
      }
    } finally {
      Error.stackTraceLimit = limit;
    }
  },
);

const refused = expect.objectContaining({ code: 'protocol-error' }) as Error;

/** A frame whose header is `content` after the code `code`. */
function frame(code: number, content: Buffer, payloadBytes = 0): Buffer {
  const bytes = Buffer.alloc(9 + content.length + payloadBytes);
  bytes.writeUInt32LE(1 + content.length, 0);
  bytes.writeUInt32LE(payloadBytes, 4);
  bytes[8] = code;
  content.copy(bytes, 9);
  return bytes;
}

test('a frame that claims more than the limits is refused before anything is allocated', () => {
  for (const [header, payload] of [
    [MAX_HEADER_BYTES + 1, 0],
    [1, MAX_PAYLOAD_BYTES + 1],
    [0xffff_ffff, 0xffff_ffff],
  ] as const) {
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32LE(header, 0);
    prefix.writeUInt32LE(payload, 4);
    expect(() => sourceDecoder().feed(prefix)).toThrow(refused);
  }
});

test('a count of four thousand million items in a short message allocates nothing', () => {
  const claim = Buffer.alloc(8, 0xff);
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  for (const code of [2, 5, 70, 71]) {
    for (const decoder of [sourceDecoder(), targetDecoder()]) expect(() => decoder.feed(frame(code, claim))).toThrow(refused);
  }
  expect(process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
});

test.each(['..', '.', 'a/../b', 'a//b', '/a', 'a/', 'a/./b', 'a\0b', '../a', 'a/..'])('the path %j is refused', (path) => {
  const op: WireOp = { kind: 'remove', sequence: 1, root: 0, path, entry: 'file', isKept: false };
  expect(() => sourceDecoder().feed(Buffer.concat(encodeSource({ kind: 'ops', ops: [op] })))).toThrow(refused);
});

test.each(['...', '..a', 'a/.b', '.hidden', 'a\nb', '\xff\xfe', ' '])('the path %j is a path like others', (path) => {
  const op: WireOp = { kind: 'remove', sequence: 1, root: 0, path, entry: 'file', isKept: false };
  const [received] = sourceDecoder().feed(Buffer.concat(encodeSource({ kind: 'ops', ops: [op] })));
  expect(received?.message).toEqual({ kind: 'ops', ops: [op] });
});

test('ops that claim other data than their frame carries are refused', () => {
  const attributes = { mode: 0o644, uid: 0, gid: 0, mtimeNs: 0n };
  const op: WireOp = { kind: 'write', sequence: 1, root: 0, path: 'a', size: 10, attributes };
  const bytes = Buffer.concat(encodeSource({ kind: 'ops', ops: [op] }, Buffer.alloc(9)));
  expect(() => sourceDecoder().feed(bytes)).toThrow(refused);
});

test('a listing that names a path instead of an entry is refused', () => {
  const attributes = { mode: 0o644, uid: 0, gid: 0, mtimeNs: 0n };
  const entry = (name: string, kind: 'file' | 'folder' = 'file') =>
    ({ name, kind, size: 1, attributes, extendedHash: 0n, linkTarget: null }) as const;
  const listing =
    (...entries: ReturnType<typeof entry>[]) =>
    () =>
      targetDecoder().feed(Buffer.concat(encodeTarget({ kind: 'listing', requestId: 1, entries })));
  for (const name of ['a/b', '..']) expect(listing(entry(name))).toThrow(refused);
  expect(listing(entry('')), 'a root that is a file is alone').not.toThrow();
  expect(listing(entry(''), entry('a'))).toThrow(refused);
  expect(listing(entry('', 'folder'))).toThrow(refused);
});

test('50,000 small ops are encoded and decoded quickly enough to be no cost beside the disk', () => {
  const attributes = { mode: 0o644, uid: 1000, gid: 1000, mtimeNs: 1_700_000_000_123_456_789n };
  const ops = Array.from({ length: 50_000 }, (_, i): WireOp => ({
    kind: 'write',
    sequence: i + 1,
    root: 0,
    path: `folder-${i % 100}/file-${i}.dat`,
    size: 0,
    attributes,
  }));
  const run = () => {
    const startedMs = performance.now();
    const decoder = sourceDecoder();
    let seen = 0;
    for (let at = 0; at < ops.length; at += 500) {
      for (const { message } of decoder.feed(Buffer.concat(encodeSource({ kind: 'ops', ops: ops.slice(at, at + 500) })))) {
        if (message.kind === 'ops') seen += message.ops.length;
      }
    }
    expect(seen).toBe(ops.length);
    return performance.now() - startedMs;
  };
  // The best of a few: other work on the machine makes a run slower, never faster. About 50 ms here; the bound leaves room for slow machines.
  expect(Math.min(run(), run(), run())).toBeLessThan(600);
});
