import { describe, expect, test } from 'vitest';
import { formatAddress, isLoopback, parseAddress } from '../../../src-main/control/index.ts';

describe('addresses', () => {
  test.each([
    ['beta', 'beta:6320'],
    ['beta.lan:7000', 'beta.lan:7000'],
    [' 10.0.0.7:1 ', '10.0.0.7:1'],
    ['[::1]:7000', '[::1]:7000'],
    ['fe80::1', '[fe80::1]:6320'],
  ])('%s is read as %s', (text, expected) => expect(formatAddress(parseAddress(text, 6320))).toBe(expected));

  test.each(['', ':6320', 'a b', 'beta:99999', 'http://beta', 'a@b', 'beta:x', '[::1'])('“%s” is refused', (text) =>
    expect(() => parseAddress(text, 6320)).toThrow(expect.objectContaining({ code: 'bad-input' })),
  );

  test('only names that can mean nothing but this machine are loopback', () => {
    expect(['localhost', '127.0.0.1', '127.9.9.9', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '10.0.0.1', '127.evil.example', 'localhost.evil'].some(isLoopback)).toBe(false);
  });
});
