import { describe, expect, test } from 'vitest';
import { ago, bytes, count, counted, duration, percent, preciseMoment, rate } from '../../../src-renderer/text/format.ts';

describe('numbers in words', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [150 * 1024 ** 2, '150 MiB'],
    [5 * 1024 ** 6, '5120 PiB'],
  ])('%d bytes read %s', (value, words) => {
    expect(bytes(value)).toBe(words);
    expect(rate(value)).toBe(`${words}/s`);
  });

  test.each([
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
  ])('%d reads %s', (value, words) => expect(count(value)).toBe(words));

  test('one is singular', () => {
    expect(counted(1, 'file')).toBe('1 file');
    expect(counted(0, 'file')).toBe('0 files');
    expect(counted(2, 'replica', 'replicas')).toBe('2 replicas');
  });

  test.each([
    [0, '0 %'],
    [42.9, '42 %'],
    [99.99, '99 %'],
    [100, '100 %'],
  ])('%d per cent reads %s: nothing incomplete reads 100', (value, words) => expect(percent(value)).toBe(words));

  test.each([
    [3, '3 ms'],
    [850, '0.8 s'],
    [59_400, '59 s'],
    [59_600, '1 min 0 s'],
    [119_600, '2 min 0 s'],
    [3_725_000, '1 h 2 min'],
    [200_000_000, '2 d 7 h'],
  ])('%d ms read %s', (value, words) => expect(duration(value)).toBe(words));

  test.each([
    [2, 'just now'],
    [47, '45 s ago'],
    [125, '2 min ago'],
    [7300, '2 h ago'],
    [400_000, '4 d ago'],
    [-30, 'just now'],
  ])('%d seconds back read %s', (seconds, words) => {
    const now = Date.parse('2026-01-02T03:04:05.000Z');
    expect(ago(new Date(now - seconds * 1000).toISOString(), now)).toBe(words);
  });

  test('what a file system tells keeps its nanoseconds', () => {
    expect(preciseMoment('2026-01-02T03:04:05.000000007Z')).toMatch(/^2026-01-0\d \d\d:\d4:05\.000000007$/);
    expect(preciseMoment('2026-01-02T03:04:05Z')).toMatch(/:05$/);
  });
});
