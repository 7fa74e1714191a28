import { describe, expect, test } from 'vitest';
import { TypeAhead } from '../../../../src-renderer/features/folders/type-ahead.ts';

const names = ['alpha', 'Beta', null, 'bravo', 'beta two'];

describe('typing in a tree', () => {
  test('a letter goes to the next name that begins so, and round to the first', () => {
    const typing = new TypeAhead();
    expect(typing.press('b', 0, names, 0)).toBe(1);
    expect(typing.press('b', 5000, names, 1)).toBe(3);
    expect(typing.press('b', 10_000, names, 3)).toBe(4);
    expect(typing.press('b', 15_000, names, 4)).toBe(1);
  });

  test('letters typed quickly are one beginning, a space too', () => {
    const typing = new TypeAhead();
    expect(typing.press('b', 0, names, 0)).toBe(1);
    expect(typing.press('e', 100, names, 1)).toBe(1);
    expect(typing.press('t', 200, names, 1)).toBe(1);
    expect(typing.press('a', 300, names, 1)).toBe(1);
    expect(typing.isTyping(350)).toBe(true);
    expect(typing.press(' ', 400, names, 1)).toBe(4);
  });

  test('nothing begins so: the reader stays', () => {
    expect(new TypeAhead().press('z', 0, names, 0)).toBeNull();
    expect(new TypeAhead().press('z', 0, [], 0)).toBeNull();
  });
});
