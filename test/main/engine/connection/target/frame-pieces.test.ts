import { expect, test } from 'vitest';
import { FramePieces } from '../../../../../src-main/engine/connection/target/frame-pieces.ts';

function textOf(pieces: readonly Buffer[]): string[] {
  return pieces.map((piece) => piece.toString());
}

test('data that came in parts are given out in order, in as few views as there are parts', () => {
  const pieces = new FramePieces(['abc', 'd', 'efgh'].map((text) => Buffer.from(text)));
  expect(textOf(pieces.next(2))).toEqual(['ab']);
  pieces.pass(2);
  expect(textOf(pieces.next(4))).toEqual(['c', 'd', 'ef']);
  pieces.pass(4);
  expect(pieces.next(0)).toEqual([]);
  expect(textOf(pieces.next(2))).toEqual(['gh']);
  pieces.pass(2);
  expect(pieces.next(0)).toEqual([]);
});

test('what was not passed is given again, and a part that ends with it is left behind', () => {
  const pieces = new FramePieces(['ab', 'cd'].map((text) => Buffer.from(text)));
  expect(textOf(pieces.next(2))).toEqual(['ab']);
  expect(textOf(pieces.next(2))).toEqual(['ab']);
  pieces.pass(2);
  expect(textOf(pieces.next(2))).toEqual(['cd']);
});

test('more than the frame carries is a bug of the decoder', () => {
  expect(() => new FramePieces([Buffer.from('a')]).next(2)).toThrow('claim');
});
