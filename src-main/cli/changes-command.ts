import { Command } from 'commander';
import { existsSync } from 'node:fs';
import type { ChangedEntry, MappedRoot } from '../api/index.ts';
import { rawName, ReplicationError, showName } from '../base/index.ts';
import { checkCertificate, compareManifests, manifestOf, pathToText } from '../engine/connection/index.ts';
import { changesOnServer } from './changes-on-server.ts';
import { printAll } from './output.ts';
import { typedPath } from './typed-path.ts';

interface Options {
  since: string;
  server?: string;
  deleted?: boolean;
  folders?: boolean;
  relative?: boolean;
  root?: string;
  null?: boolean;
  json?: boolean;
  fingerprint?: string;
}

/** What changed, from wherever it is known. `path` is raw, below its root. */
export interface Changes {
  readonly roots: readonly MappedRoot[];
  readonly list: AsyncIterable<{
    readonly root: number;
    readonly path: string;
    readonly kind: ChangedEntry['kind'];
    readonly what: ChangedEntry['what'];
  }>;
}

/** `understudy changes`: a list for tar, rsync or restic of what a backup has to take since the last one. */
export function changesCommand(): Command {
  return new Command('changes')
    .description('List what changed in a replica since a certificate or a time, for a backup program.')
    .argument('<certificate|replica>', 'the newer certificate; with --server the replica: its set or its connection id')
    .requiredOption(
      '--since <certificate|time>',
      'the older certificate; with --server also a time of the target, such as 2026-11-22T02:00',
    )
    .option(
      '--server <name>',
      'ask this target, whose login is stored (understudy server login), instead of a second certificate',
    )
    .option('--fingerprint <fp>', 'of the server that must have signed the certificates')
    .option('--deleted', 'list what was removed, instead of what is there')
    .option('--folders', 'list folders too; a program that takes them with all that is in them would take too much')
    .option('--relative', 'paths below the root, for a program that runs there')
    .option('--root <n>', 'only this root, numbered as in the certificate: 0 is the first')
    .option('--null', 'end each path with a zero byte, as bytes; otherwise with a line feed, escaped for people')
    .option('--json', 'one JSON object for each entry, with what changed')
    .action((what: string, options: Options) => printAll(linesOf(what, options)));
}

async function* linesOf(what: string, options: Options): AsyncGenerator<string | Buffer> {
  const { roots, list } =
    options.server === undefined ? await changesOffline(what, options) : await changesOnServer(what, options.server, options);
  const only = options.root === undefined ? null : Number(options.root);
  if (only !== null && roots[only] === undefined)
    throw new ReplicationError('bad-input', { text: `there is no root ${options.root ?? ''}` });
  if (options.relative && only === null && roots.length > 1)
    throw new ReplicationError('bad-input', { text: `--relative needs --root: there are ${roots.length} of them` });
  for await (const { root, path, kind, what: how } of list) {
    if ((how === 'removed') !== (options.deleted ?? false) || (only !== null && root !== only)) continue;
    if (kind === 'folder' && !options.folders) continue;
    const folder = rawName(roots[root]?.to ?? '');
    const shown = options.relative ? path || '.' : path === '' ? folder : `${folder === '/' ? '' : folder}/${path}`;
    if (options.json) yield `${JSON.stringify({ root, path: pathToText(shown), kind, what: how })}\n`;
    else if (options.null) yield Buffer.from(`${shown}\0`, 'latin1');
    else yield `${showName(shown)}\n`;
  }
}

/** From two certificates alone. */
async function changesOffline(newer: string, { since, fingerprint }: Options): Promise<Changes> {
  const older = typedPath(since);
  if (!existsSync(older)) {
    const text = `“${since}” is no file; a certificate alone does not know what changed since a time. Name an older certificate, or ask with --server`;
    throw new ReplicationError('bad-input', { text });
  }
  const check = (file: string) => checkCertificate(file, fingerprint ?? null);
  const [before, after] = await Promise.all([check(older), check(typedPath(newer))]);
  const isSame = before.head.connection === after.head.connection && before.fingerprint === after.fingerprint;
  if (!isSame) throw new ReplicationError('bad-input', { text: 'the two certificates are of different replicas' });
  const [oldRoots, newRoots] = [before, after].map(({ head }) => JSON.stringify(head.roots.map(({ to }) => to)));
  if (oldRoots !== newRoots)
    throw new ReplicationError('bad-input', {
      text: 'the two certificates have other roots: all of the newer one is to be taken',
    });
  if (before.head.startedAt > after.head.startedAt)
    throw new ReplicationError('bad-input', { text: `the certificate of --since is the newer one (${before.head.startedAt})` });
  return { roots: after.head.roots, list: compareManifests(manifestOf(before), manifestOf(after)) };
}
