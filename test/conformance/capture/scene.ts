import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Notice } from '../../../src-main/engine/model/index.ts';
import { Shadow, type ShadowSelection } from './shadow.ts';

/** A capture as the suite drives it; `read` blocks up to the time given. */
export interface CaptureUnderTest {
  start(): void;
  read(timeoutMs: number): Notice[];
  /** Nothing that happened before the last `read` waits any more. */
  readonly isDrained: boolean;
  close(): void;
}

export type CreateCapture = (options: { roots: readonly string[] } & ShadowSelection) => CaptureUnderTest;

/** A set without rules. */
export const everything: ShadowSelection = { selects: () => true, descends: () => true, selectsAllBelow: () => true };

/** A capture on a new folder with the shadow that follows it; everything ends with the test. */
export function startScene(create: CreateCapture, options: Partial<{ roots: readonly string[] } & ShadowSelection> = {}) {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'understudy-capture-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const folder = join(base, 'set');
  const outside = join(base, 'outside');
  mkdirSync(folder);
  mkdirSync(outside);
  const selection = { ...everything, selectsAllBelow: () => options.selects === undefined, ...options };
  const roots = options.roots?.map((root) => join(base, root)) ?? [folder];
  const begin = () => {
    const capture = create({ ...selection, roots });
    capture.start();
    onTestFinished(() => capture.close());
    const shadows = [new Shadow(roots, selection, true), new Shadow(roots, selection, false)];
    const settle = (): Notice[] => {
      const all: Notice[] = [];
      // The first look takes all that was done before at once, so that what is told together does not depend on when a thread woke up;
      // the last waits for nothing but what is on its way. Looks that find nothing may still be behind what others do on the volume.
      for (let quiet = 0, isFirst = true; quiet < 3 || !capture.isDrained; isFirst = false) {
        const notices = capture.read(isFirst || quiet >= 2 ? 0 : 15);
        quiet = notices.length === 0 ? quiet + 1 : 0;
        for (const shadow of shadows) shadow.apply(notices);
        all.push(...notices);
      }
      return all;
    };
    const expectEqual = (): Notice[] => {
      const notices = settle();
      for (const shadow of shadows) expect(shadow.differences()).toEqual([]);
      return notices;
    };
    return { capture, shadows, settle, expectEqual };
  };
  return { base, folder, outside, at: (path: string) => join(folder, path), begin };
}

/** The very notices, in whatever order. */
export function expectTold(notices: readonly Notice[], expected: readonly Notice[]): void {
  expect(notices).toHaveLength(expected.length);
  expect(notices).toEqual(expect.arrayContaining([...expected]));
}

/** In what captures may differ. */
export interface CaptureTraits {
  /** The kernel's queue has a limit; null: and it may be read out meanwhile. */
  readonly overflows: boolean | null;
  /** Both names of a rename are told together, and whether something was moved away or deleted. */
  readonly pairsRenames: boolean;
  /** It starts a thread, which takes as long as several storms do. */
  readonly hasThread?: boolean;
}
