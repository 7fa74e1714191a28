import { expect, test } from 'vitest';
import { entryCodes, opCodes, sourceCodes, targetCodes } from '../../../../src-main/engine/wire/codes.ts';

test.each(Object.entries({ opCodes, messages: { ...sourceCodes, ...targetCodes }, entryCodes }))(
  'no number of %s stands for two things',
  (_, codes) => {
    const numbers = Object.values(codes);
    expect(new Set(numbers).size).toBe(numbers.length);
  },
);
