import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { hookScript } from '../support/hook-script.ts';
import { ServicePair } from '../support/service-pair.ts';

const FILES = 10_000;
const MOST_MS = 20;

let folder: string;
let pair: ServicePair;
beforeEach(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'understudy-loop-'));
  const watch = resolve(import.meta.dirname, '../support/loop-watch.ts');
  const environment = { UNDERSTUDY_LOOP_REPORT: join(folder, 'loop'), NODE_OPTIONS: `--import=${watch}` };
  pair = await ServicePair.start({ environment });
});
afterEach(async () => {
  await pair.close();
  rmSync(folder, { recursive: true, force: true });
});

interface LoopReport {
  readonly worstMs: number;
  readonly ticks: number;
}
function report(side: 'source' | 'target'): LoopReport {
  return JSON.parse(readFileSync(join(folder, `loop.${String(pair.services[side].pid)}`), 'utf8')) as LoopReport;
}

/** The niceness of each thread of a service, its main thread first. */
function nicenesses(side: 'source' | 'target'): number[] {
  const tasks = `/proc/${String(pair.services[side].pid)}/task`;
  return readdirSync(tasks)
    .map(Number)
    .sort((a, b) => a - b)
    .map((thread) =>
      Number(
        readFileSync(`${tasks}/${thread}/stat`, 'latin1')
          .replace(/^.*\) /, '')
          .split(' ')[16],
      ),
    );
}

test.runIf(process.getuid?.() === 0 && getPriority() === 0)(
  'the main thread goes before the threads that do the work, and before programs that it runs',
  async () => {
    const from = join(folder, 'tree');
    mkdirSync(from);
    await pair.call('source', 'set.create', { name: 'load' });
    await pair.call('source', 'set.add-rule', { name: 'load', rule: { path: from, verdict: 'include', recursive: true } });
    await pair.call('source', 'set.save', { name: 'load' });
    const { id } = await pair.connect('load', { kind: 'base', base: join(folder, 'replica') }, { kind: 'all' });
    for (const side of ['source', 'target'] as const) {
      const [main, ...others] = nicenesses(side);
      expect([side, main, new Set(others)]).toEqual([side, -5, new Set([0])]);
    }
    const hooks = { freeze: hookScript(`${folder}/freeze`, `nice > ${folder}/niceness`) };
    await pair.call('source', 'connection.configure', { connectionId: id, settings: { hooks } });
    await pair.call('source', 'transmission.pause', { connectionId: id, reason: 'a look' });
    await eventually(
      'the program ran',
      () => existsSync(`${folder}/niceness`) && readFileSync(`${folder}/niceness`, 'utf8') !== '',
    );
    expect(readFileSync(`${folder}/niceness`, 'utf8')).toBe('0\n');
  },
);

test('the main thread of neither service works longer than 20 ms at a time while a mirror and live changes run', async () => {
  const from = join(folder, 'tree');
  for (let i = 0; i < FILES; i++) {
    const sub = join(from, String(i % 100));
    if (i < 100) mkdirSync(sub, { recursive: true });
    writeFileSync(join(sub, `f${i}`), `content ${i} `.repeat(300));
  }
  // Both watches are past their warm-up before there is work.
  await eventually('both services report', () => report('source').ticks > 0 && report('target').ticks > 0, 20_000);
  await pair.call('source', 'set.create', { name: 'load' });
  await pair.call('source', 'set.add-rule', { name: 'load', rule: { path: from, verdict: 'include', recursive: true } });
  await pair.call('source', 'set.save', { name: 'load' });
  const { id } = await pair.connect('load', { kind: 'base', base: join(folder, 'replica') }, { kind: 'all' });
  let change = 0;
  await eventually(
    'the mirror ends, with changes all along',
    async () => {
      for (let i = 0; i < 20; i++) writeFileSync(join(from, String(change % 100), `live${change++}`), 'x'.repeat(1000));
      const { mirror, statistics } = await pair.call('source', 'connection.get', { connectionId: id });
      return mirror.kind === 'idle' && statistics.appliedSequence > FILES;
    },
    120_000,
  );
  const ticks = report('source').ticks;
  await eventually('a report from after the mirror', () => report('source').ticks > ticks + 50, 20_000);
  const worst = { source: report('source').worstMs, target: report('target').worstMs };
  console.info('longest work of a main thread, ms:', worst);
  expect(Math.max(worst.source, worst.target)).toBeLessThanOrEqual(MOST_MS);
});
