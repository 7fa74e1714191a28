import { lstatSync, readdirSync } from 'node:fs';
import { coldCache } from '../measure.ts';
import type { Figure, Goal } from '../results.ts';
import { makeBigFile, makeFiles } from '../trees.ts';
import type { Measure, Tool } from '../tools/tool.ts';
import { copied, discard, drop, mustBeEqual, newJob, show, type Context, type Scenario, type Sizes } from './scenario.ts';

interface Tree {
  readonly name: string;
  readonly about: string;
  /** What the tree is called in a table. */
  readonly title: (sizes: Sizes) => string;
  /** Makes the tree at `root`, or names one that is there; returns it with the path of a file that any walk reaches late. */
  readonly make: (root: string, sizes: Sizes) => Promise<{ readonly source: string; readonly last: string }>;
  /** At most so much of what the rsync daemon takes: for the first mirror, for one where nothing changed, and with every byte compared. */
  readonly goals: { readonly first: number; readonly same?: number; readonly bytes?: number };
}

const share: Tree = {
  name: 'mirror-share',
  about: 'the first mirror of /usr/share: small files, folders, links',
  title: (sizes) => `mirror ${sizes.share}`,
  make: (_, sizes) => Promise.resolve({ source: sizes.share, last: lastOf(sizes.share) }),
  goals: { first: 0.6 },
};
const small: Tree = {
  name: 'mirror-small',
  about: 'many small files: the first mirror, one where nothing changed, one that compares every byte',
  title: ({ files }) => `mirror ${files} files of 4 KiB`,
  make: async (root, { files }) => ({ source: root, last: await makeFiles(root, files, 4096) }),
  goals: { first: 0.6, same: 1, bytes: 0.9 },
};
const large: Tree = {
  name: 'mirror-large',
  about: 'one large file: the first mirror and one that compares every byte',
  title: ({ bigMebibytes }) => `mirror one file of ${bigMebibytes} MiB`,
  make: async (root, { bigMebibytes }) => ({ source: root, last: await makeBigFile(root, bigMebibytes) }),
  goals: { first: 0.9, bytes: 0.9 },
};

export const mirrorScenarios: readonly Scenario[] = [small, large, share].map(scenarioOf);

function scenarioOf(tree: Tree): Scenario {
  const works = (sizes: Sizes) => ({
    first: tree.title(sizes),
    same: `${tree.title(sizes)}, again, nothing changed`,
    bytes: `${tree.title(sizes)}, again, every byte compared`,
  });
  return {
    name: tree.name,
    about: tree.about,
    goals: (sizes) => {
      const titles = works(sizes);
      const kinds = ['first', 'same', 'bytes'] as const;
      return kinds.flatMap((kind): Goal[] => {
        const most = tree.goals[kind];
        return most === undefined ? [] : [{ work: titles[kind], peer: 'rsync, daemon', most }];
      });
    },
    run: (context) => run(context, tree, works(context.sizes)),
  };
}

async function run(context: Context, tree: Tree, works: Record<'first' | 'same' | 'bytes', string>): Promise<Figure[]> {
  const { base, sizes, say, tools } = context;
  const made = `${base}/source`;
  const { source, last } = await tree.make(made, sizes);
  const measures = new Map<Tool, Record<keyof typeof works, Measure[]>>();
  for (let round = 0; round < sizes.runs; round++) {
    for (const tool of tools) {
      // A slow one is not asked thrice.
      if (tool.isSlow && round > 0) continue;
      const job = newJob(context, source, last);
      const own = measures.get(tool) ?? { first: [], same: [], bytes: [] };
      measures.set(tool, own);
      await coldCache();
      own.first.push(await tool.mirror(job));
      say(`${tool.name}: ${works.first}: ${text(own.first)}`);
      await mustBeEqual(tool, job);
      for (const kind of ['same', 'bytes'] as const) {
        if (tool.again === null || tree.goals[kind] === undefined) continue;
        await coldCache();
        own[kind].push(await tool.again(job, kind === 'bytes'));
        say(`${tool.name}: ${works[kind]}: ${text(own[kind])}`);
      }
      await tool.forget(job);
      await drop(context, job, false);
    }
  }
  await discard(context, made);
  return [...measures].flatMap(([tool, own]) =>
    (['first', 'same', 'bytes'] as const)
      .filter((kind) => own[kind].length > 0)
      .map((kind) => copied(works[kind], tool, own[kind])),
  );
}

function text(measures: readonly Measure[]): string {
  const seconds = (key: keyof Measure) => show(measures.map((measure) => measure[key] / 1000));
  return `${seconds('equalMs')} s (durable ${seconds('durableMs')} s)`;
}

/** The last entry of the last folder, in the order of names. */
function lastOf(root: string): string {
  let path = '';
  for (;;) {
    const names = readdirSync(`${root}/${path}`).sort();
    const folders = names.filter((name) => lstatSync(`${root}/${path}/${name}`).isDirectory());
    const next = folders.at(-1) ?? names.at(-1);
    if (next === undefined) return path;
    path = path === '' ? next : `${path}/${next}`;
    if (folders.length === 0) return path;
  }
}
