import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { FramePacker, LineMeter } from '../../../../src-main/engine/transmit/index.ts';
import { sourceDecoder } from '../../../../src-main/engine/wire/index.ts';

const words = Buffer.from('words that shrink '.repeat(4000));
const noise = randomBytes(words.length);
const compression = { isEnabled: true, level: 1 };

/** Sends pieces of one file and gives what each took on the wire. */
function sendFile(packer: FramePacker, stream: number, pieces: readonly Buffer[]): number[] {
  return pieces.map((piece, i) => {
    const frame = packer.pack({ kind: 'data', stream, offset: i * piece.length }, piece);
    return frame.reduce((sum, part) => sum + part.length, 0);
  });
}

test('what shrinks is sent compressed, and both sizes are counted', () => {
  const meter = new LineMeter();
  const packer = new FramePacker(meter, () => compression);
  const sizes = sendFile(packer, 1, [words, words]);
  expect(Math.max(...sizes)).toBeLessThan(words.length / 10);
  expect(packer.totals.plainBytes).toBeGreaterThan(2 * words.length);
  expect(packer.totals.wireBytes).toBe(sizes.reduce((sum, size) => sum + size));
  expect(meter.totalBytes).toBe(packer.totals.wireBytes);
});

test('a file that does not shrink is tried ever less often, the next one at once', () => {
  const packer = new FramePacker(new LineMeter(), () => compression);
  sendFile(packer, 1, [noise]);
  // Not tried although it would shrink: the file has shown what it is.
  expect(sendFile(packer, 1, [words, words]).every((size) => size > words.length)).toBe(true);
  expect(sendFile(packer, 1, [words])[0]).toBeLessThan(words.length / 10);
  sendFile(packer, 1, [noise]);
  expect(sendFile(packer, 2, [words])[0]).toBeLessThan(words.length / 10);
});

test('switched off, or for a few bytes, nothing is compressed; a change is in force at once', () => {
  let settings = { isEnabled: false, level: 3 };
  const packer = new FramePacker(new LineMeter(), () => settings);
  expect(sendFile(packer, 1, [words])[0]).toBeGreaterThan(words.length);
  settings = { isEnabled: true, level: 3 };
  expect(sendFile(packer, 1, [words])[0]).toBeLessThan(words.length / 10);
  expect(sendFile(packer, 2, [Buffer.alloc(100)])[0]).toBeGreaterThan(100);
});

test('every frame can be read, compressed or not', () => {
  const packer = new FramePacker(new LineMeter(), () => compression);
  const pieces = [words, noise, words, noise, words];
  const decoder = sourceDecoder();
  const bytes = pieces.map((piece, i) => Buffer.concat([...packer.pack({ kind: 'data', stream: i, offset: 0 }, piece)]));
  const received = bytes.flatMap((chunk) => decoder.feed(chunk));
  expect(received.map(({ payload }, i) => payload.equals(pieces[i] ?? Buffer.alloc(0)))).toEqual(pieces.map(() => true));
});
