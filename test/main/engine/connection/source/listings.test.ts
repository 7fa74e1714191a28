import { expect, test } from 'vitest';
import { Listings } from '../../../../../src-main/engine/connection/source/listings.ts';
import type { Place } from '../../../../../src-main/engine/model/index.ts';
import { Requests, type NewOp } from '../../../../../src-main/engine/transmit/index.ts';
import type { ListedEntry, SourceMessage } from '../../../../../src-main/engine/wire/index.ts';
import { collectGarbage } from '../../../../support/collect-garbage.ts';
import { plainAttributes } from '../../../../support/fake-source.ts';

const at = (path: string): Place => ({ root: 0, path });
const file = (name: string): ListedEntry => ({
  name,
  kind: 'file',
  size: 1,
  attributes: plainAttributes,
  extendedHash: 0n,
  linkTarget: null,
});
const remove = (path: string): NewOp => ({ kind: 'remove', ...at(path), entry: 'file', isKept: false });
const rename = (from: string, to: string): NewOp => ({ kind: 'rename', ...at(to), fromRoot: 0, from });
const attributes = (path: string): NewOp => ({ kind: 'attributes', ...at(path), entry: 'file', attributes: plainAttributes });

/** Listings of a target that answers when it is told to. */
function slowTarget() {
  const asked: (SourceMessage & { kind: 'get-listing' })[] = [];
  const requests = new Requests((message) => {
    if (message.kind === 'get-listing') asked.push(message);
  });
  const answer = (path: string, entries: readonly ListedEntry[]): void => {
    const index = asked.findIndex((message) => message.path === path);
    const [question] = asked.splice(index, 1);
    if (index < 0 || question === undefined) throw new Error(`nobody asked for ${path}`);
    requests.handle({ kind: 'listing', requestId: question.requestId, entries }, new Uint8Array());
  };
  return { listings: new Listings(requests), asked, answer };
}

test('an answer is worth nothing for what ops took away, moved or set after the question', async () => {
  const { listings, answer } = slowTarget();
  listings.pushed(remove('before'));
  const coming = listings.get(at(''));
  listings.pushed(remove('removed'));
  listings.pushed(attributes('removed'));
  listings.pushed(attributes('set'));
  answer('', ['before', 'removed', 'set', 'moved', 'replaced', 'rest'].map(file));
  const listing = await coming;
  listings.pushed(rename('moved', 'replaced'));
  const seen = ['before', 'removed', 'set', 'moved', 'replaced', 'rest'].map((name) => {
    const entry = listing.get(name);
    return entry === undefined ? `${name} -` : entry.isAltered === true ? `${name} altered` : name;
  });
  expect(seen).toEqual(['before', 'removed -', 'set altered', 'moved -', 'replaced -', 'rest']);
});

test('a folder that moves takes what was listed of it along, also what lies deeper', async () => {
  const { listings, answer } = slowTarget();
  const coming = [listings.get(at('a')), listings.get(at('a/b')), listings.get(at('ab'))];
  for (const path of ['a', 'a/b', 'ab']) answer(path, [file('f')]);
  const [a, b, beside] = await Promise.all(coming);
  listings.pushed(rename('a', 'c'));
  expect([a, b, beside].map((listing) => listing?.get('f') !== undefined)).toEqual([false, false, true]);
});

test('a folder that was replaced, or in which very much changed, while the target had not answered is asked for again', async () => {
  const { listings, answer, asked } = slowTarget();
  const moved = listings.get(at('moved'));
  const busy = listings.get(at('busy'));
  listings.pushed(rename('other', 'moved'));
  for (let i = 0; i <= 10_000; i++) listings.pushed(remove(`busy/${i}`));
  answer('moved', [file('old')]);
  answer('busy', [file('0')]);
  await expect.poll(() => asked.map(({ path }) => path)).toEqual(['moved', 'busy']);
  answer('moved', [file('new')]);
  answer('busy', [file('1')]);
  expect((await moved).get('old')).toBeUndefined();
  expect((await moved).get('new')).toBeDefined();
  expect((await busy).get('1')).toBeDefined();
});

test('while a target that is held does not answer, what is remembered for its answer has a limit', () => {
  const { listings } = slowTarget();
  void listings.get(at(''));
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 300_000; i++) listings.pushed(remove(`a file with a name of its own ${i}`));
  collectGarbage();
  const grown = process.memoryUsage().heapUsed - before;
  listings.pushed(remove('one more')); // they are still held here
  expect(grown).toBeLessThan(4_000_000);
});
