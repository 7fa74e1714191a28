import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { FanotifyCapture } from '../../../src-main/engine/capture/index.ts';
import { captureConformance } from './conformance.ts';

const why = whyNot();
if (why === null)
  captureConformance('fanotify', (options) => new FanotifyCapture(options), { overflows: false, pairsRenames: true });
else describe('fanotify', () => test.skip(`NOT TESTED HERE: ${why}`));

/** Why this machine cannot follow its temporary folder with fanotify; null when it can. */
function whyNot(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-capture-'));
  const all = () => true;
  const capture = new FanotifyCapture({ roots: [folder], selects: all, descends: all, selectsAllBelow: all });
  try {
    capture.start();
    capture.close();
    return null;
  } catch (error) {
    if (error instanceof ReplicationError && error.code === 'unsupported') return String(error.details.why);
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
