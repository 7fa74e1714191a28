import {
  MOST_SAMPLED,
  type MappedRoot,
  type OverwritePolicy,
  type RestoreChoice,
  type RestoreFrom,
  type RestoreSnapshot,
} from '../../../src-main/api/index.ts';
import type { ConsoleLink } from '../../api/index.ts';
import type { RestoreHow, WantedRestore } from '../../text/restores.ts';
import { isAbsolutePath, trimPath } from '../folders/paths.ts';

/** As many paths as one restore takes. */
const MOST_PATHS = 1000;
const ABSOLUTE = 'A path from the top of the disk, such as /restored.';

/** A restore or drill that is being put together; nothing is done before `start`. */
export class RestoreDraft {
  kind = $state<'restore' | 'drill'>('restore');
  holderId = $state('');
  fromKind = $state<'replica' | 'snapshot' | 'folder'>('replica');
  connectionId = $state('');
  /** Of the target: where a snapshot or other folder lies. */
  folder = $state('');
  extent = $state<'all' | 'some'>('all');
  pathsText = $state('');
  files = $state('20');
  seed = $state('');
  comparesSource = $state(true);
  receiverId = $state('');
  toKind = $state<'origin' | 'folder'>('origin');
  base = $state('');
  overwrite = $state<OverwritePolicy>('different');
  checksum = $state(false);
  givesOwnersByName = $state(false);
  plansFirst = $state<'plan' | 'now'>('plan');

  readonly from: RestoreFrom | null = $derived.by(() => {
    if (this.fromKind === 'replica')
      return this.connectionId === '' ? null : { kind: 'replica', connectionId: this.connectionId };
    const path = trimPath(this.folder);
    return isAbsolutePath(path) ? { kind: 'folder', path } : null;
  });
  /** Only a replica knows where its files were. */
  readonly mayGoBack = $derived(this.fromKind === 'replica' && this.kind === 'restore');
  readonly to: RestoreChoice['to'] = $derived.by(() =>
    this.mayGoBack && this.toKind === 'origin' ? { kind: 'origin' } : { kind: 'folder', path: trimPath(this.base) },
  );
  /** Each once, in the order in which they are written. */
  readonly paths: readonly string[] = $derived.by(() => {
    if (this.extent === 'all') return [];
    const lines = this.pathsText.split('\n').map(trimPath);
    return lines.filter((path, at) => path !== '' && lines.indexOf(path) === at);
  });
  readonly owners = $derived(this.givesOwnersByName ? ('name' as const) : ('number' as const));
  readonly fileCount = $derived(/^\d{1,4}$/.test(this.files.trim()) ? Number(this.files) : Number.NaN);

  readonly whatProblem = $derived.by(() => {
    if (this.holderId === '') return 'Choose the server that holds the data.';
    if (this.from !== null) return null;
    return { replica: 'Choose a replica.', snapshot: 'Choose a snapshot.', folder: ABSOLUTE }[this.fromKind];
  });
  readonly filesProblem = $derived.by(() => {
    if (this.kind === 'drill')
      return this.fileCount >= 1 && this.fileCount <= MOST_SAMPLED ? null : `A whole number of files, from 1 to ${MOST_SAMPLED}.`;
    if (this.extent === 'all') return null;
    if (this.paths.length === 0) return 'Name at least one file or folder.';
    if (this.paths.length > MOST_PATHS) return `At most ${MOST_PATHS} paths; name folders instead.`;
    const relative = this.paths.find((path) => !isAbsolutePath(path));
    if (relative !== undefined) return `“${relative}” must begin at the top of the disk.`;
    const wild = this.paths.find((path) => /[*?]/.test(path));
    return wild === undefined ? null : `“${wild}” has a wildcard; name the folder instead.`;
  });
  readonly whereProblem = $derived.by(() => {
    if (this.receiverId === '') return 'Choose the server that receives them.';
    return this.to.kind === 'origin' || isAbsolutePath(this.to.path) ? null : ABSOLUTE;
  });

  /** Begins it; rejects with the reason, and can be started again. `sourceId`: of the replica, for the comparison of a drill. */
  start(link: ConsoleLink, sourceId: string | null): Promise<RestoreSnapshot> {
    const { from, to, holderId, receiverId, owners } = this;
    if (from === null) throw new Error('a restore was started without its data');
    if (this.kind === 'drill' && to.kind === 'folder')
      return link.invoke('replication.drill', {
        ...{ holderId, receiverId, from, folder: to.path, owners, files: this.fileCount },
        seed: this.seed.trim() === '' ? null : this.seed.trim(),
        sourceId: this.comparesSource && this.fromKind === 'replica' ? sourceId : null,
      });
    const { paths, overwrite, checksum, plan } = this.how;
    const choice = { from, paths: [...paths], to };
    return link.invoke('replication.restore', { holderId, receiverId, choice, overwrite, checksum, owners, plan });
  }

  get how(): RestoreHow {
    const { paths, overwrite, checksum } = this;
    return { paths, overwrite, checksum: checksum && overwrite === 'different', plan: this.plansFirst === 'plan' };
  }

  /** As a script says it, with the names of the servers. */
  wanted(holder: string, receiver: string): WantedRestore {
    const { from, to, owners } = this;
    const what = from === null ? '' : from.kind === 'replica' ? from.connectionId : from.path;
    return { what, from: holder, to: receiver, base: to.kind === 'folder' ? to.path : null, owners };
  }
}

/** The path on the source of what lies in a replica; what lies elsewhere keeps its own. */
export function onSourcePath(path: string, roots: readonly MappedRoot[]): string {
  const root = roots.find(({ to }) => path === to || path.startsWith(to.endsWith('/') ? to : `${to}/`));
  if (root === undefined) return path;
  const inside = path.slice(root.to.length).replace(/^\//, '');
  return inside === '' ? root.from : `${root.from === '/' ? '' : root.from}/${inside}`;
}
