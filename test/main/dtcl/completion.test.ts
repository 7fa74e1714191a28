import { expect, test } from 'vitest';
import { complete, DtclSession } from '../../../src-main/dtcl/index.ts';
import { FakeDtclHost } from '../../support/fake-dtcl-host.ts';

const session = new DtclSession(new FakeDtclHost());
session.setVariable('id', { kind: 'integer', value: 1 });

test.each([
  ['mir', ['mirror']],
  ['mirror sta', ['start']],
  ['mirror start 1 diff', ['different']],
  ['repset rule ', ['add', 'remove']],
  ['login al', ['alpha']],
  ['$x = con', ['conid', 'connect']],
  ['write 1; disc', ['disconnect']],
  ['disconnect $i', ['$id']],
  ['write "mir', []],
  ['nothing x', []],
])('%j is completed with %j', (line, candidates) => {
  expect(complete(line, session)[0]).toEqual(candidates);
});
