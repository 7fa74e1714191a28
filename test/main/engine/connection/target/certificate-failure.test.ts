import { expect, test } from 'vitest';
import { ReplicationError } from '../../../../../src-main/base/index.ts';
import { failureText } from '../../../../../src-main/engine/connection/target/certifier.ts';

test('a certificate that a full disk prevented is not said to go on by itself', () => {
  const text = failureText(new ReplicationError('disk-full', { path: '/data/certificates' }));
  expect(text).toContain('/data/certificates');
  expect(text).toContain('No certificate was made. Make one again');
  expect(text).not.toContain('by itself');
  expect(text).not.toContain('Changes wait');
});

test('one whose replica went on says what to do instead', () => {
  const text = failureText(new ReplicationError('replica-moving', { isMeanwhile: true }));
  expect(text).toContain('The replica went on while its certificate was being made.');
  expect(text).not.toContain('when that is mended');
});
