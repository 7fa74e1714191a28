import { expect, test } from 'vitest';
import { calculateSet } from '../../../../src-main/engine/connection/calculate-set.ts';

test('a calculation that nobody wants any more rejects at once', async () => {
  const controller = new AbortController();
  const calculation = calculateSet([{ path: '/usr', verdict: 'include', recursive: true }], [], controller.signal);
  controller.abort();
  await expect(calculation).rejects.toMatchObject({ code: 'timeout' });
});
