import { EventEmitter } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { FrameWriter } from '../../../../src-main/engine/transmit/frame-writer.ts';

/** Keeps what is written until the test says that it left. */
class SlowSocket extends EventEmitter {
  readonly written: Buffer[] = [];
  readonly #callbacks: ((error?: Error | null) => void)[] = [];
  destroyed = false;

  write(bytes: Buffer, done: (error?: Error | null) => void): boolean {
    this.written.push(bytes);
    this.#callbacks.push(done);
    return false;
  }

  /** How much it was given and has not sent. */
  get holds(): number {
    return this.#callbacks.length;
  }

  leave(error: Error | null = null): void {
    this.#callbacks.shift()?.(error);
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function start() {
  const socket = new SlowSocket();
  // Only what a writer uses of a socket is there.
  return { socket, writer: new FrameWriter(socket as unknown as TLSSocket) };
}

const large = (letter: string) => Buffer.alloc(100_000, letter);

test('frames leave in order, two pieces with the socket at the most', () => {
  const { socket, writer } = start();
  for (const letter of 'abc') writer.write([Buffer.from(`<${letter}>`), large(letter)]);
  expect(socket.holds).toBe(2);
  expect(writer.bufferedBytes).toBe(3 * 100_003);
  while (socket.holds > 0) {
    socket.leave();
    expect(socket.holds).toBeLessThanOrEqual(2);
  }
  expect(Buffer.concat(socket.written).toString()).toBe(['a', 'b', 'c'].map((l) => `<${l}>${large(l).toString()}`).join(''));
  expect(writer.bufferedBytes).toBe(0);
});

test('a large payload is handed on as it is, a small frame in one piece', () => {
  const { socket, writer } = start();
  const payload = large('p');
  writer.write([Buffer.from('head'), payload]);
  expect(socket.written[1]).toBe(payload);
  socket.leave();
  socket.leave();
  writer.write([Buffer.from('head'), Buffer.from('small')]);
  expect(socket.written.slice(2).map(String)).toEqual(['headsmall']);
});

test('who waits hears when everything has left, and when a payload may be written over', async () => {
  const { socket, writer } = start();
  const told: string[] = [];
  writer.write([Buffer.from('1'), large('1')], () => told.push('first'));
  writer.write([Buffer.from('2'), large('2')], () => told.push('second'));
  const drained = writer.drained().then(() => told.push('drained'));
  socket.leave();
  expect(told).toEqual([]);
  socket.leave();
  expect(told).toEqual(['first']);
  socket.leave();
  socket.leave();
  await drained;
  expect(told).toEqual(['first', 'second', 'drained']);
  await writer.drained();
});

test('a link that closes frees who waits, but not the bytes at which the socket may still be', async () => {
  const { socket, writer } = start();
  let isFreed = false;
  writer.write([large('x')], () => (isFreed = true));
  const drained = writer.drained();
  socket.leave(new Error('reset'));
  socket.destroy();
  await drained;
  await writer.drained();
  expect(isFreed).toBe(false);
});
