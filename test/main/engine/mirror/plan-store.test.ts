import { readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { noCounts, plansIn, PlanWriter, readPlan, type PlanHead } from '../../../../src-main/engine/mirror/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const head = (id: string): PlanHead => ({
  id, connectionId: 'c', setName: 'accounts', sourceName: 'alpha', targetName: 'beta', roots: [], options: { kind: 'different' },
  startedBy: 'eva', startedAt: '2026-11-22T11:00:00.000Z',
}); // prettier-ignore
const end = {
  endedAt: '2026-11-22T11:00:01.000Z', elapsedMs: 1000, counts: noCounts(), sourceFiles: 0, sourceBytes: 0, sendBytes: 0, estimateMs: null,
  exceeded: [],
}; // prettier-ignore

test('a plan comes back page by page, all of it or one action; what is kept is not listed', async () => {
  const folder = tempFolder();
  const writer = new PlanWriter(folder, head('2026-1'));
  for (let i = 0; i < 5; i++) {
    writer.add({ action: 'create', path: `/new ${i}\n"`, kind: 'file', bytes: i, reason: 'not on the target' });
    writer.add({ action: 'delete', path: `/old ${i}`, kind: 'folder', bytes: 0, reason: 'not on the source' });
    writer.add({ action: 'keep', path: `/same ${i}`, kind: 'file', bytes: 1, reason: 'equal' });
  }
  writer.finish(end);
  const all = await readPlan(folder, { id: null, action: null, offset: 0, limit: 100 });
  expect(all).toMatchObject({ listed: 10, summary: { id: '2026-1' } });
  const page = await readPlan(folder, { id: '2026-1', action: 'create', offset: 3, limit: 1 });
  expect(page).toMatchObject({ listed: 5, entries: [{ action: 'create', path: '/new 3\n"', bytes: 3 }] });
});

test('a plan that was interrupted is none; the ten newest are kept', async () => {
  const folder = tempFolder();
  for (let i = 0; i < 12; i++) new PlanWriter(folder, head(`2026-${10 + i}`)).finish(end);
  new PlanWriter(folder, head('2026-99'));
  writeFileSync(`${folder}/2026-98.summary.json`, '{ damaged');
  expect(plansIn(folder).newest()?.id).toBe('2026-21');
  plansIn(folder).tidy();
  expect(readdirSync(folder).filter((name) => name.endsWith('.plan.jsonl'))).toHaveLength(9);
  await expect(readPlan(folder, { id: '2026-99', action: null, offset: 0, limit: 1 })).rejects.toMatchObject({
    code: 'not-found',
  });
  await expect(readPlan(folder, { id: '../2026-21', action: null, offset: 0, limit: 1 })).rejects.toMatchObject({
    code: 'not-found',
  });
});
