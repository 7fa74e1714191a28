import { expect, test } from 'vitest';
import { HeldRemovals } from '../../../../../src-main/engine/connection/source/held-removals.ts';

const at = (path: string) => ({ root: 0, path });

test('whether a held removal was a move is known until it is looked at, under the name that its folder has by then', () => {
  const held = new HeldRemovals();
  held.add(at('folder/moved'), true, 0);
  held.add(at('folder/deleted'), false, 0);
  held.folderMoved(at('folder'), at('other'));
  held.letGo();
  expect(held.count).toBe(0);
  expect([held.takeMoved(at('other/moved')), held.takeMoved(at('other/deleted'))]).toEqual([true, false]);
  expect(held.takeMoved(at('other/moved')), 'a later removal is judged anew').toBe(false);
});

test('what was moved away, came back and was deleted is deleted', () => {
  const held = new HeldRemovals();
  held.add(at('file'), true, 0);
  held.add(at('file'), false, 1);
  held.letGo();
  expect(held.takeMoved(at('file'))).toBe(false);
  held.add(at('file'), true, 2);
  held.clear();
  expect(held.takeMoved(at('file')), 'a comparison cannot know').toBe(false);
});

test('a clock that is set back does not hold removals for as long as it was set back', () => {
  const hour = 3_600_000;
  const held = new HeldRemovals();
  held.add(at('one'), false, 2 * hour);
  held.add(at('two'), false, 2 * hour + 100);
  expect(held.dueInMs(hour)).toBe(500);
  expect(held.togetherUntilMs(hour)).toBe(hour + 500);
  held.add(at('three'), false, hour + 200);
  expect(held.dueInMs(hour + 200)).toBe(500);
  expect(held.dueInMs(hour + 700)).toBe(0);
});
