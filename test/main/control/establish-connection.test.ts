import { expect, test } from 'vitest';
import type { ServiceCaller } from '../../../src-main/api/index.ts';
import { describeError, ReplicationError, type ErrorCode, type ErrorDetails } from '../../../src-main/base/index.ts';
import { establishConnection } from '../../../src-main/control/index.ts';

/** Answers what is given, and fails the last call as told. */
function caller(answers: Readonly<Record<string, unknown>>, failure?: ReplicationError): ServiceCaller {
  const call = (name: string) => (name in answers ? Promise.resolve(answers[name]) : Promise.reject(failure ?? new Error(name)));
  return { call: call as ServiceCaller['call'] };
}

async function refusalOf(code: ErrorCode, details: ErrorDetails): Promise<string> {
  const source = caller({ 'connection.prepare': { connectionId: 'c' } });
  const target = caller(
    { 'server.info': { fingerprint: 'F', dataAddress: '127.0.0.1:6321' } },
    new ReplicationError(code, details),
  );
  const error: unknown = await establishConnection(source, target, {
    setName: 'accounts',
    map: { kind: 'exact' },
    mirror: null,
    targetHost: '127.0.0.1',
    targetName: 'beta',
  }).catch((reason: unknown) => reason);
  if (!(error instanceof ReplicationError)) throw new Error('nothing was refused', { cause: error });
  return describeError(error.code, error.details).cause;
}

test.each<[ErrorCode, ErrorDetails, string]>([
  ['volume-unknown', { volume: 'C', path: 'c:\\x' }, 'beta has no volume C (in c:\\x).'],
  ['not-a-folder', { path: '/x' }, '/x on beta is not a folder.'],
  ['permission-denied', { path: '/x', refused: true }, 'The service may not open /x on beta.'],
  ['read-only', { path: '/x', refused: true }, 'The file system that holds /x on beta is mounted read-only.'],
])('what the target refuses with %s is told with its name', async (code, details, cause) => {
  expect(await refusalOf(code, details)).toBe(cause);
});
