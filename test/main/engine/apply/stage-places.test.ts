import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeError, type ReplicationError } from '../../../../src-main/base/index.ts';
import { AttributeSetter, Flusher, makeStagePlaces, Stage } from '../../../../src-main/engine/apply/index.ts';
import { OwnerMap } from '../../../../src-main/engine/connection/target/owner-map.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

function stageFor(folder: string, root: string, connectionId: string): Stage {
  const places = makeStagePlaces([root], connectionId);
  const flusher = new Flusher(places.volumes);
  return new Stage(places, flusher, new AttributeSetter(() => undefined, OwnerMap.open(`${folder}/owners-${connectionId}`)));
}

test('a replica that is given up before anything came leaves none of the folders that were made for it, and keeps those that were there', () => {
  const folder = tempFolder();
  mkdirSync(`${folder}/there`);
  const stage = stageFor(folder, `${folder}/there/made/too/root`, 'one');
  expect(existsSync(`${folder}/there/made/too`)).toBe(true);
  stage.close();
  stage.remove();
  expect(existsSync(`${folder}/there/made`)).toBe(false);
  expect(existsSync(`${folder}/there`)).toBe(true);
});

test('a folder that holds anything stays, with those above it', () => {
  const folder = tempFolder();
  const one = stageFor(folder, `${folder}/made/one/root`, 'one');
  const two = stageFor(folder, `${folder}/made/two/root`, 'two');
  mkdirSync(`${folder}/made/one/root`);
  writeFileSync(`${folder}/made/one/root/file`, 'x');
  for (const stage of [two, one]) {
    stage.close();
    stage.remove();
  }
  expect(existsSync(`${folder}/made/one/root/file`)).toBe(true);
  expect(existsSync(`${folder}/made/two`)).toBe(false);
});

test.runIf(process.platform === 'linux')(
  'a place where no folder can be made is told as such, not as one that is missing',
  () => {
    try {
      makeStagePlaces(['/proc/understudy/a/root'], 'one');
      expect.unreachable();
    } catch (error) {
      const { code, details } = error as ReplicationError;
      expect(describeError(code, details).cause).toBe(
        'The folder /proc/understudy/a cannot be made: its file system takes none there.',
      );
    }
  },
);
