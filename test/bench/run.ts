import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chart } from './chart.ts';
import { coldCache, machine } from './measure.ts';
import { allRuns, circumstances, legend, table, verdictTable } from './report.ts';
import { judge, type Figure } from './results.ts';
import { fullSizes, quickSizes, scalingScenario, scenarios, type Context } from './scenarios/index.ts';
import { lsyncd } from './tools/lsyncd.ts';
import { rsyncOverDaemon, rsyncOverSsh } from './tools/rsync.ts';
import { syncthing } from './tools/syncthing.ts';
import type { Tool } from './tools/tool.ts';
import { understudy, type Understudy } from './tools/understudy.ts';

const usage = `npm run bench -- [--quick] [--only NAME,…] [--tools NAME,…] [--runs N] [--scaling] [--json FILE] [--svg FILE] [--write]
The same work by Understudy, rsync (daemon and ssh), lsyncd and Syncthing, side by side in one run, where they are installed. Syncthing
needs a quarter of an hour for a large tree and is measured only with --tools.
--quick     a tenth of the data, once, in a few minutes
--only      some of: ${scenarios.map(({ name }) => name).join(', ')}
--tools     some of: understudy, rsync-daemon, rsync-ssh, lsyncd, syncthing
--scaling   measures growing trees instead: ${scalingScenario.about}
--json      all runs, medians, ratios and targets
--svg       a chart of the ratios
--write     the table into test/bench/README.md and the chart into docs/bench.svg`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    only: { type: 'string' },
    tools: { type: 'string' },
    scaling: { type: 'boolean', default: false },
    json: { type: 'string' },
    svg: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const usual = ['understudy', 'rsync-daemon', 'rsync-ssh', 'lsyncd'];

async function main(): Promise<void> {
  const named = options.only?.split(',');
  const unknown = named?.filter((name) => !scenarios.some((scenario) => scenario.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`nothing is called ${unknown.join(', ')}; see --help`);
  const chosen = options.scaling ? [scalingScenario] : scenarios.filter(({ name }) => named?.includes(name) !== false);
  const base = mkdtempSync(join(realpathSync(tmpdir()), 'understudy-bench-'));
  const tools: Tool[] = [];
  try {
    const own = await openTools(tools, base);
    const sizes = {
      ...(options.quick ? quickSizes : fullSizes),
      ...(options.runs === undefined ? {} : { runs: Number(options.runs) }),
    };
    const isCold = await coldCache();
    const load = [loadavg()[0]?.toFixed(1) ?? ''];
    const say = (line: string) => {
      console.error(`  ${line}`);
    };
    const context: Context = { tools, own, base, sizes, say };
    const figures: Figure[] = [];
    for (const scenario of chosen) {
      say(`${scenario.name}: ${scenario.about}`);
      try {
        figures.push(...(await scenario.run(context)));
      } catch (error) {
        // What was measured in an hour is not lost for it.
        console.error(
          `${scenario.name} broke off and has no figures: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
        );
        process.exitCode = 1;
      }
    }
    load.push(loadavg()[0]?.toFixed(1) ?? '');
    const verdicts = judge(
      figures,
      chosen.flatMap((scenario) => scenario.goals(sizes)),
    );
    const here = { ...machine(base), load };
    const notes = tools.map(({ name, version, note, durability }) => ({ name, version, note, durability }));
    const tables = [table(figures, notes), legend, verdictTable(verdicts), circumstances(here, notes, isCold)].join('\n\n');
    console.log(`\n${allRuns(figures)}\n\n${tables}\n`);
    const at = new Date().toISOString();
    if (options.json !== undefined)
      writeFileSync(
        options.json,
        `${JSON.stringify({ at, machine: here, isCold, tools: notes, sizes, figures, verdicts }, null, 2)}\n`,
      );
    if (options.svg !== undefined) writeFileSync(options.svg, chart(figures));
    if (options.write) write(tables, chart(figures), at);
  } finally {
    for (const tool of tools) await tool.close();
    rmSync(base, { recursive: true, force: true });
  }
}

/** Opens what is asked for and installed, into `tools`; returns Understudy among them. */
async function openTools(tools: Tool[], base: string): Promise<Understudy | null> {
  const targets = `${base}/targets`;
  mkdirSync(targets);
  const wanted = options.scaling ? ['understudy'] : (options.tools?.split(',') ?? usual);
  const add = async <T extends Tool>(name: string, open: () => Promise<T | null> | T | null): Promise<T | null> => {
    if (!wanted.includes(name)) return null;
    const tool = await open();
    if (tool === null) console.error(`${name} is not installed here and is left out.`);
    else tools.push(tool);
    return tool;
  };
  const own = await add('understudy', () => understudy(`${base}/understudy`));
  await add('rsync-daemon', () => rsyncOverDaemon(`${base}/rsyncd`, targets));
  await add('rsync-ssh', () => rsyncOverSsh(`${base}/sshd`));
  await add('lsyncd', () => lsyncd(`${base}/lsyncd`));
  await add('syncthing', () => syncthing(`${base}/syncthing`));
  return own;
}

/** Puts the table between the two marks of the README, and the chart beside the documents. */
function write(tables: string, svg: string, at: string): void {
  const file = join(import.meta.dirname, 'README.md');
  const [before, rest] = readFileSync(file, 'utf8').split('<!-- table -->\n');
  const after = rest?.split('<!-- end of table -->')[1];
  if (before === undefined || after === undefined) throw new Error(`${file} has lost its marks`);
  const text = `Measured on ${at.slice(0, 10)}.\n\n${tables}`;
  writeFileSync(file, `${before}<!-- table -->\n\n${text}\n\n<!-- end of table -->${after}`);
  writeFileSync(resolve(import.meta.dirname, '../../docs/bench.svg'), svg);
}

if (options.help) console.log(usage);
else await main();
