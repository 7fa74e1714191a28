import { expect, test } from 'vitest';
import type { CertificateSummary } from '../../../../src-main/api/index.ts';
import { readCertificate } from '../../../../src-renderer/features/certificates/read-certificate.ts';

/** Every byte there is, some more than once: 300 KB. */
const file = Uint8Array.from({ length: 300_000 }, (_, at) => at % 256);
const certificate = { connectionId: 'c', id: 'i', fileBytes: file.length } as CertificateSummary;

test('a certificate is put together from its pieces, byte for byte, and says how far it is', async () => {
  const progress: number[] = [];
  const whole = await readCertificate(
    certificate,
    ({ offset, limit }) => {
      const data = btoa(Array.from(file.subarray(offset, offset + limit), (byte) => String.fromCharCode(byte)).join(''));
      return Promise.resolve({ id: 'i', offset, totalBytes: file.length, data });
    },
    (bytes) => progress.push(bytes),
  );
  expect(whole).toEqual(file);
  expect(progress).toEqual([262_144, file.length]);
});

test('one that ends before its length is refused, not handed out', async () => {
  const nothing = { id: 'i', offset: 0, totalBytes: 0, data: '' };
  await expect(
    readCertificate(
      certificate,
      () => Promise.resolve(nothing),
      () => undefined,
    ),
  ).rejects.toThrow('ended before');
});
