import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  compressFrame,
  encodeSource,
  encodeTarget,
  MAX_PAYLOAD_BYTES,
  sourceDecoder,
  targetDecoder,
  type SourceMessage,
} from '../../../../src-main/engine/wire/index.ts';

const data: SourceMessage = { kind: 'data', stream: 7, offset: 4096 };
const broken = expect.objectContaining({ code: 'protocol-error' }) as Error;

/** A frame of `data` whose compressed payload says that it is so long, and holds these bytes. */
function frame(plainBytes: number, packed: Buffer, flag = 0x8000_0000): Buffer {
  const [header = Buffer.alloc(0)] = encodeSource(data, Buffer.alloc(1));
  const prefix = Buffer.from(header);
  prefix.writeUInt32LE((flag | (packed.length + 4)) >>> 0, 4);
  const plain = Buffer.alloc(4);
  plain.writeUInt32LE(plainBytes);
  return Buffer.concat([prefix, plain, packed]);
}

test.each([1, 3, 6])('a frame compressed at level %d arrives as it was, also in small pieces', (level) => {
  const payload = Buffer.from('the same words again and again, '.repeat(MAX_PAYLOAD_BYTES / 32));
  const packed = compressFrame(encodeSource(data, payload), level);
  if (packed === null) throw new Error('it did not shrink');
  const bytes = Buffer.concat(packed);
  expect(bytes.length).toBeLessThan(payload.length / 100);
  const decoder = sourceDecoder();
  const received = [];
  for (let at = 0; at < bytes.length; at += 700) received.push(...decoder.feed(bytes.subarray(at, at + 700)));
  expect(received.map(({ message }) => message)).toEqual([data]);
  expect(received[0]?.payload.equals(payload)).toBe(true);
});

test('what hardly shrinks, and what has no payload, stays as it is', () => {
  expect(compressFrame(encodeSource(data, randomBytes(65_536)), 3)).toBeNull();
  expect(compressFrame(encodeSource({ kind: 'release' }), 3)).toBeNull();
});

test('a payload that would become larger than it says, or than any may be, is refused without being made', () => {
  const bomb = zstdCompressSync(Buffer.alloc(512 * 1024 * 1024));
  for (const plainBytes of [1000, MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES + 1, 0xffff_ffff, 0]) {
    const before = process.memoryUsage().rss;
    expect(() => sourceDecoder().feed(frame(plainBytes, bomb))).toThrow(broken);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  }
});

test.each([
  ['is shorter than it says', frame(1001, zstdCompressSync(Buffer.alloc(1000)))],
  ['is cut off', frame(100_000, zstdCompressSync(randomBytes(100_000)).subarray(0, 50_000))],
  ['is no zstd', frame(1000, randomBytes(500))],
  ['is empty', frame(1000, Buffer.alloc(0))],
])('a compressed payload that %s is refused', (_, bytes) => {
  expect(() => sourceDecoder().feed(bytes)).toThrow(broken);
});

test('a target has no reason to compress: a source refuses it', () => {
  const [prefix = Buffer.alloc(0)] = encodeTarget({ kind: 'released' });
  const bytes = Buffer.from(prefix);
  bytes.writeUInt32LE((0x8000_0000 | 4) >>> 0, 4);
  expect(() => targetDecoder().feed(bytes)).toThrow(broken);
});
