import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeStoredOp,
  encodeSource,
  encodeStoredOp,
  encodeTarget,
  isStream,
  MAX_PAYLOAD_BYTES,
  sourceDecoder,
  targetDecoder,
  type FrameDecoder,
  type ListedEntry,
  type WireOp,
} from '../../../../src-main/engine/wire/index.ts';
import { ops, sourceMessages, targetMessages, type Sent } from './arbitraries.ts';

/** Feeds `bytes` in pieces of the given sizes, over and over, until all are in. */
function feedInPieces<M>(decoder: FrameDecoder<M>, bytes: Buffer, sizes: readonly number[]): Sent<M>[] {
  const received: Sent<M>[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    received.push(
      ...decoder.feed(bytes.subarray(at, at + size)).map(({ message, payload }) => ({ message, payload: Buffer.from(payload) })),
    );
    at += size;
  }
  return received;
}

const pieces = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });

test('every message of a source arrives as it was sent, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(sourceMessages, { maxLength: 6 }), pieces, (sent, sizes) => {
      const bytes = Buffer.concat(sent.flatMap(({ message, payload }) => encodeSource(message, payload)));
      expect(feedInPieces(sourceDecoder(), bytes, sizes)).toEqual(sent);
    }),
    { numRuns: 500 },
  );
});

test('every message of a target arrives as it was sent, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(targetMessages, { maxLength: 6 }), pieces, (sent, sizes) => {
      const bytes = Buffer.concat(sent.flatMap(({ message, payload }) => encodeTarget(message, payload)));
      expect(feedInPieces(targetDecoder(), bytes, sizes)).toEqual(sent);
    }),
    { numRuns: 500 },
  );
});

test('an op reads back from its stored form', () => {
  fc.assert(
    fc.property(ops, fc.boolean(), fc.maxSafeNat(), (op, isWhole, size) => {
      const end = isStream(op) ? { isWhole, size, attributes: { mode: 0o640, uid: 1, gid: 2, mtimeNs: -5n }, bytes: 12 } : null;
      expect(decodeStoredOp(encodeStoredOp({ op, end }))).toEqual({ op, end });
    }),
    { numRuns: 500 },
  );
});

test('a listing of 200,000 entries travels in frames of allowed size and arrives whole', () => {
  const attributes = { mode: 0o644, uid: 0, gid: 0, mtimeNs: 1n };
  const entries = Array.from({ length: 200_000 }, (_, i): ListedEntry => ({
    name: `file-${i}`,
    kind: 'file',
    size: i,
    attributes,
    extendedHash: -1n,
    linkTarget: null,
  }));
  const frames = encodeTarget({ kind: 'listing', requestId: 9, entries });
  const received = targetDecoder().feed(Buffer.concat(frames));
  expect(received).toHaveLength(1);
  expect(received[0]?.message).toEqual({ kind: 'listing', requestId: 9, entries });
});

test('the signatures of a file of 20 GiB arrive whole', () => {
  const blocks = 20 * 16_384;
  const payload = Buffer.alloc(blocks * 16, 5);
  payload.writeUInt32LE(77, MAX_PAYLOAD_BYTES);
  const message = { kind: 'signatures', requestId: 1, files: [{ size: blocks * 65_536, blocks }] } as const;
  const received = targetDecoder().feed(Buffer.concat(encodeTarget(message, payload)));
  expect(received[0]?.message).toEqual(message);
  expect(received[0]?.payload.equals(payload)).toBe(true);
});

test('a payload that came in one chunk is a view, not a copy', () => {
  const bytes = Buffer.concat(encodeSource({ kind: 'data', stream: 1, offset: 0 }, Buffer.alloc(1000, 1)));
  const [received] = sourceDecoder().feed(bytes);
  expect(received?.payload.buffer).toBe(bytes.buffer);
});

test('a name that is text instead of raw bytes is our own bug and is not sent', () => {
  const op: WireOp = { kind: 'write-stream', sequence: 1, root: 0, path: 'Ω' };
  expect(() => encodeSource({ kind: 'ops', ops: [op] })).toThrow('invariant');
});

test('what a queue stored before version 4 of the protocol is read as it was meant', () => {
  const attributes = { mode: 0o640, uid: 1, gid: 2, mtimeNs: 1_600_000_000_123_456_789n };
  const whole =
    '01010900000000000000a001010000000200000015cdfbdf85573416000800000000000000020700000000000000000005006c617267650103000000000000000500000000000000';
  expect(decodeStoredOp(Buffer.from(whole, 'hex'))).toEqual({
    op: { kind: 'write-stream', sequence: 7, root: 0, path: 'large', expects: { size: 3, mtimeNs: 5n } },
    end: { isWhole: true, size: 9, attributes, bytes: 8 },
  });
  const broken =
    '01000000000000000000a001010000000200000015cdfbdf8557341600000000000000000003080000000000000001000300612f62040000000000000000';
  expect(decodeStoredOp(Buffer.from(broken, 'hex'))).toEqual({
    op: { kind: 'patch-stream', sequence: 8, root: 1, path: 'a/b', baseSize: 4 },
    end: { isWhole: false, size: 0, attributes, bytes: 0 },
  });
});
