import { chmodSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { FsWatchCapture } from '../../../../src-main/engine/capture/index.ts';
import { WatchThread, type HintSource } from '../../../../src-main/engine/capture/watch-thread.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

/** What is done once, at the moment that the name says. */
interface Hooks {
  between?: (() => void) | undefined;
  beforeWatch?: (() => void) | undefined;
  afterWatch?: (() => void) | undefined;
}

/** A capture of `folder` whose thread is real; between what it hints at and the looks that follow, `between` is called once. */
function capture(folder: string, hooks: Hooks): FsWatchCapture {
  const thread = new WatchThread();
  const once = (name: keyof typeof hooks): void => {
    const hook = hooks[name];
    hooks[name] = undefined;
    hook?.();
  };
  const source: HintSource = {
    watch(folders) {
      once('beforeWatch');
      const failures = thread.watch(folders);
      once('afterWatch');
      return failures;
    },
    unwatch: (ids) => thread.unwatch(ids),
    take(timeoutMs) {
      const taken = thread.take(timeoutMs);
      once('between');
      return taken;
    },
    drain: () => thread.drain(),
    dispose: () => thread.dispose(),
  };
  const all = () => true;
  const made = new FsWatchCapture(
    { roots: [folder], selects: all, descends: all, selectsAllBelow: all },
    { createSource: () => source },
  );
  onTestFinished(() => made.close());
  made.start();
  return made;
}

test('a change in a folder that is away for the moment of the look is told when it is back', () => {
  const folder = tempFolder();
  mkdirSync(`${folder}/a/b`, { recursive: true });
  const hooks: Hooks = {};
  const under = capture(folder, hooks);
  writeFileSync(`${folder}/a/b/file`, 'new');
  hooks.between = () => renameSync(`${folder}/a`, `${folder}/away`);
  expect(under.read(0)).not.toContainEqual({ kind: 'touched', place: { root: 0, path: 'a/b/file' }, content: true });
  renameSync(`${folder}/away`, `${folder}/a`);
  expect(under.read(0)).toContainEqual({ kind: 'appeared', place: { root: 0, path: 'a' } });
});

test('a folder whose place another had while it was first watched is watched itself when it is back', () => {
  const folder = tempFolder();
  mkdirSync(`${folder}/other`);
  const hooks: Hooks = {};
  const under = capture(folder, hooks);
  mkdirSync(`${folder}/new`);
  const swap = (): void => {
    renameSync(`${folder}/new`, `${folder}/between`);
    renameSync(`${folder}/other`, `${folder}/new`);
    renameSync(`${folder}/between`, `${folder}/other`);
  };
  hooks.beforeWatch = swap;
  hooks.afterWatch = swap;
  const number = statSync(`${folder}/new`).ino;
  under.read(0);
  expect([hooks.afterWatch, statSync(`${folder}/new`).ino]).toEqual([undefined, number]);
  under.read(0);
  writeFileSync(`${folder}/new/file`, 'new');
  expect(under.read(0)).toContainEqual({ kind: 'touched', place: { root: 0, path: 'new/file' }, content: true });
});

test('a root is lost, and not silently back, when a folder above it was away for the moment of a look below', () => {
  const above = `${tempFolder()}/above`;
  mkdirSync(`${above}/root/a`, { recursive: true });
  const hooks: Hooks = {};
  const under = capture(`${above}/root`, hooks);
  writeFileSync(`${above}/root/a/file`, 'new');
  hooks.between = () => renameSync(above, `${above}-away`);
  const told = under.read(0);
  renameSync(`${above}-away`, above);
  expect([...told, ...under.read(0)]).toContainEqual({ kind: 'root-gone', root: 0 });
});

test('a folder whose attributes change in every round is watched afresh only a few times', () => {
  const folder = tempFolder();
  const under = capture(folder, {});
  mkdirSync(`${folder}/a/b`, { recursive: true });
  const told: string[] = [];
  for (let i = 0; i < 8; i++) {
    chmodSync(`${folder}/a`, i % 2 === 0 ? 0o700 : 0o755);
    told.push(...under.read(0).map(({ kind }) => kind));
  }
  expect(told.filter((kind) => kind === 'appeared').length).toBeLessThan(4);
  expect(told.filter((kind) => kind === 'touched').length).toBeGreaterThan(3);
});
