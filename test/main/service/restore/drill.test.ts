import { expect, test } from 'vitest';
import { judgeFile } from '../../../../src-main/service/restore/drill.ts';

const content = { bytes: 5, modifiedNs: '1000000000', sha256: 'aa' };
const other = { ...content, sha256: 'bb' };
const known = {
  path: '/data/x', bytes: 5, content, failure: null, certified: undefined, original: undefined, cutAt: '2026-11-22T12:00:00.000Z',
} as const; // prettier-ignore
const before = { changedNs: String(Date.parse('2026-11-22T11:59:00Z') * 1_000_000) };
const later = String(Date.parse('2026-11-22T12:00:01Z') * 1_000_000);

test.each([
  ['nothing to compare with proves nothing, and is no failure', {}, 'none', 'none', null],
  [
    'the same content is proof, whatever its date',
    { certified: { ...content, modifiedNs: '7' }, original: content },
    'equal',
    'equal',
    null,
  ],
  ['other bytes at the same size and date are damage', { certified: other }, 'different', 'none', /certificate says/],
  [
    'other bytes than the source had before the cut are damage',
    { original: { ...other, ...before, modifiedNs: '7' } },
    'none',
    'different',
    /its source/,
  ],
  [
    'a source that changed after the cut proves nothing',
    { original: { ...other, bytes: 9, changedNs: later } },
    'none',
    'changed',
    null,
  ],
  ['also where its date was set back', { original: { ...other, modifiedNs: '7', changedNs: later } }, 'none', 'changed', null],
  ['a source that could not be read in time proves nothing, and is told', { original: 'unread' }, 'none', 'unread', null],
  ['without a cut nobody knows', { original: { ...other, ...before, modifiedNs: '7' }, cutAt: null }, 'none', 'changed', null],
  ['a certificate of another version proves nothing', { certified: { ...other, bytes: 9 } }, 'changed', 'none', null],
  ['what is gone from the source is told', { original: null, certified: null }, 'absent', 'absent', null],
  ['what the verification found counts first', { certified: other, failure: 'it differs' }, 'different', 'none', /^it differs$/],
] as const)('%s', (_what, facts, certificate, source, why) => {
  const judged = judgeFile({ ...known, ...facts });
  expect({ certificate: judged.certificate, source: judged.source }).toEqual({ certificate, source });
  if (why === null) expect(judged.why).toBeNull();
  else expect(judged.why).toMatch(why);
  expect(judged.isRestored).toBe(!('failure' in facts));
});
