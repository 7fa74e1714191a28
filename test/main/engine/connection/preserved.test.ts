import { expect, test } from 'vitest';
import { preservedProperties } from '../../../../src-main/engine/connection/preserved.ts';
import { volumeAbilities, type AbilityAnswer, type VolumeTraits } from '../../../../src-main/engine/model/index.ts';

function traits(answers: Partial<VolumeTraits['abilities']> = {}, nameBytes = 255): VolumeTraits {
  const all = Object.fromEntries(volumeAbilities.map((ability) => [ability, 'yes'])) as VolumeTraits['abilities'];
  return { fileSystem: 'ext4', isTried: true, abilities: { ...all, ...answers }, nameBytes };
}

const resultOf = (id: string, ...given: Parameters<typeof preservedProperties>) =>
  preservedProperties(...given).find((property) => property.id === id);

test.each<[source: AbilityAnswer, target: AbilityAnswer, result: string]>([
  ['yes', 'yes', 'kept'],
  ['yes', 'no', 'lost'],
  ['yes', 'unknown', 'unknown'],
  ['no', 'yes', 'not-there'],
  ['no', 'no', 'not-there'],
  ['unknown', 'yes', 'kept'],
  ['unknown', 'no', 'unknown'],
])('what the source has: %s, what the target can: %s, is %s', (source, target, result) => {
  expect(resultOf('acl', traits({ acl: source }), traits({ acl: target }), [])?.result).toBe(result);
});

test('what the target reported as lost counts more than what it seemed to be able to', () => {
  const lost = resultOf('user-attributes', traits(), traits(), ['attribute-space']);
  expect(lost).toMatchObject({ target: 'no', result: 'lost', note: 'They are dropped.' });
});

test('shorter names on the target are kept in part; a side that is not known makes nothing certain', () => {
  expect(resultOf('long-names', traits(), traits({}, 143), [])).toMatchObject({ result: 'partly' });
  expect(resultOf('long-names', traits(), null, [])?.result).toBe('unknown');
  expect(resultOf('acl', traits(), null, [])?.result).toBe('unknown');
  expect(resultOf('content', null, null, [])?.result).toBe('kept');
  expect(resultOf('flags', traits(), traits(), [])?.result).toBe('not-carried');
});
