import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCapture } from '../../../src-main/engine/capture/index.ts';

/** Prints which method of capture this process gets for a folder of its own, and why. */
// As on a system for which there is no native library.
if (process.env.UNDERSTUDY_TEST_NO_NATIVE !== undefined) Object.defineProperty(process, 'platform', { value: 'sunos' });
const folder = mkdtempSync(join(tmpdir(), 'understudy-capture-'));
const all = () => true;
const choice = { method: 'auto', ranges: false, rangesFromBytes: 0 } as const;
const { capture, method, why } = startCapture(choice, { roots: [folder], selects: all, descends: all, selectsAllBelow: all });
capture.close();
rmdirSync(folder);
console.log(JSON.stringify({ method, why }));
