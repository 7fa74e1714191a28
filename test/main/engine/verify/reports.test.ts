import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { VerifyDifference } from '../../../../src-main/api/index.ts';
import { runId } from '../../../../src-main/config/index.ts';
import { readReport, reportFiles, reportsIn, ReportWriter, type ReportHead } from '../../../../src-main/engine/verify/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const counts = {
  files: 3, folders: 1, symlinks: 0, bytes: 30, missing: 0, extra: 0, different: 2, unreadable: 0, busy: 0, bytesOutOfSync: 7, repaired: 0,
}; // prettier-ignore
const end = { ...counts, endedAt: '2026-11-22T12:00:01.000Z', elapsedMs: 1000, outcome: 'different', why: null } as const;

function head(startedAt: string): ReportHead {
  return {
    id: runId(startedAt), connectionId: 'c', setName: 'files', sourceName: 'alpha', targetName: 'beta', roots: [],
    options: { bytes: true, repair: 'none', orphans: false }, startedBy: 'admin', startedAt,
  }; // prettier-ignore
}

function difference(path: string): VerifyDifference {
  return {
    path, what: 'different', properties: ['mode'], source: null, target: null, bytesOutOfSync: null, isDrift: false, why: null, isRepaired: false,
  }; // prettier-ignore
}

function written(folder: string, startedAt: string, paths: readonly string[]) {
  const writer = new ReportWriter(folder, head(startedAt));
  for (const path of paths) writer.add(difference(path));
  return writer.finish(end);
}

test('a report is read back in pages, also with names that break lines in editors, and its hash is that of all lines before the last', async () => {
  const folder = tempFolder();
  const paths = ['/a', '/b\u2028c', '/d"e\\f', '/g'];
  const summary = written(folder, '2026-11-22T12:00:00.000Z', paths);
  const page = (offset: number, limit: number) => readReport(folder, { id: null, offset, limit });
  const all = await page(0, 10);
  expect(all).toMatchObject({ isIntact: true, listed: 4, summary: { differences: 4, outcome: 'different' } });
  expect(all.differences.map(({ path }) => path)).toEqual(paths);
  expect((await page(1, 2)).differences.map(({ path }) => path)).toEqual(paths.slice(1, 3));
  const lines = readFileSync(reportFiles(folder, summary.id).report, 'utf8').split('\n').slice(0, -1);
  const hash = createHash('sha256')
    .update(`${lines.slice(0, -1).join('\n')}\n`)
    .digest('hex');
  expect(hash).toBe(summary.sha256);
  expect(lines.at(-1)).toBe(JSON.stringify({ sha256: hash }));
});

test.each([
  ['a changed line', (text: string) => text.replace('/b', '/x')],
  ['a line taken out', (text: string) => text.split('\n').toSpliced(1, 1).join('\n')],
  ['a changed hash', (text: string) => text.replace(/"sha256":"./, '"sha256":"z')],
  ['a cut end', (text: string) => text.slice(0, -90)],
])('%s shows', async (_what, change) => {
  const folder = tempFolder();
  const { id } = written(folder, '2026-11-22T12:00:00.000Z', ['/a', '/b']);
  const { report } = reportFiles(folder, id);
  writeFileSync(report, change(readFileSync(report, 'utf8')));
  expect((await readReport(folder, { id, offset: 0, limit: 10 })).isIntact).toBe(false);
});

test('reports are listed newest first; one that was interrupted is no report and is tidied away, like the oldest beyond a hundred', () => {
  const folder = tempFolder();
  const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
  for (let n = 0; n < 103; n++) written(folder, at(n), []);
  const interrupted = new ReportWriter(folder, head(at(500)));
  interrupted.add(difference('/a'));
  expect(reportsIn(folder).newest()?.startedAt).toBe(at(102));
  reportsIn(folder).tidy();
  expect(
    reportsIn(folder)
      .list()
      .map(({ startedAt }) => startedAt),
  ).toEqual(Array.from({ length: 100 }, (_, i) => at(102 - i)));
  expect(readdirSync(folder)).toHaveLength(200);
  interrupted.abandon();
});

test('a report that is not there, or whose name leads elsewhere, is refused', async () => {
  const folder = tempFolder();
  for (const id of [null, '2026-01-01T00-00-00-000Z', '../../etc/passwd']) {
    await expect(readReport(folder, { id, offset: 0, limit: 1 })).rejects.toMatchObject({ code: 'not-found' });
  }
  expect(existsSync(folder)).toBe(true);
});
