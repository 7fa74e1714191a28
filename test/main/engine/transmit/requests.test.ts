import { expect, test } from 'vitest';
import { ReplicationError } from '../../../../src-main/base/index.ts';
import { Requests } from '../../../../src-main/engine/transmit/requests.ts';

test('a question between two links is refused at once instead of waiting for an answer that cannot come', async () => {
  const asked: string[] = [];
  const requests = new Requests(({ kind }) => void asked.push(kind));
  const lost = new ReplicationError('link-lost', {});
  const before = requests.listing({ root: 0, path: 'a' });
  requests.fail(lost);
  await expect(before).rejects.toBe(lost);
  await expect(requests.listing({ root: 0, path: 'b' })).rejects.toBe(lost);
  expect(asked).toEqual(['get-listing']);

  requests.open();
  const after = requests.listing({ root: 0, path: 'b' });
  requests.handle({ kind: 'listing', requestId: 2, entries: null }, new Uint8Array());
  expect(await after).toBeNull();
});
