import { toReplicationError, type ErrorCode } from '../../base/index.ts';
import { readLink, realFolder, statEntry } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';
import { hashBuffer, hashFile } from './hash-file.ts';
import { compareEntries, entryFromStat, unseenEntry, type ManifestEntry } from './manifest-entry.ts';
import { walkTree } from './walk-tree.ts';

/** What a copy may keep or not without being another content. */
export type AttributeName = 'time' | 'mode' | 'owner';
export type DifferingProperty = 'kind' | 'size' | 'content' | 'link' | AttributeName;

/** One entry that is not in the copy as it is in the certificate. `path` is raw, below its root. */
export interface CopyDifference {
  readonly root: number;
  readonly path: string;
  readonly what: 'missing' | 'additional' | 'different' | 'attributes' | 'unreadable' | 'unproven';
  readonly properties: readonly DifferingProperty[];
  /** Why the copy's entry could not be read, or why the certificate knows no content. */
  readonly why: ErrorCode | null;
}

export interface CompareCopyOptions {
  /** The roots that are compared, and where the copy of each lies. */
  readonly places: ReadonlyMap<number, AbsolutePath>;
  /** Content is taken for the same where kind and size are. */
  readonly isQuick: boolean;
  readonly ignored: ReadonlySet<AttributeName>;
  readonly onDifference: (difference: CopyDifference) => void;
}

/** `unproven`: of what the certificate itself could not read. All others but `attributes` say that the copy is another one. */
export type CopyCounts = Record<CopyDifference['what'] | 'entries', number> & { bytes: number };

const NS = 1_000_000_000n;

/** Compares copies of replicated roots with a certificate's manifest, both as streams in the same order. Throws coded errors. */
export async function compareCopy(
  manifest: AsyncIterable<ManifestEntry>,
  { places, isQuick, ignored, onDifference }: CompareCopyOptions,
): Promise<CopyCounts> {
  const counts: CopyCounts = {
    entries: 0,
    bytes: 0,
    missing: 0,
    additional: 0,
    different: 0,
    attributes: 0,
    unreadable: 0,
    unproven: 0,
  };
  const buffer = hashBuffer();
  const tell = (entry: ManifestEntry, what: CopyDifference['what'], rest: Partial<CopyDifference> = {}): void => {
    counts[what]++;
    onDifference({ root: entry.root, path: entry.path, what, properties: [], why: null, ...rest });
  };
  const copies = entriesOf(places);
  let copy = copies.next();
  for await (const entry of manifest) {
    if (!places.has(entry.root)) continue;
    counts.entries++;
    counts.bytes += entry.size;
    while (copy.done !== true && compareEntries(copy.value.entry, entry) < 0) {
      tell(copy.value.entry, 'additional');
      copy = copies.next();
    }
    if (copy.done === true || compareEntries(copy.value.entry, entry) > 0) {
      tell(entry, 'missing');
      continue;
    }
    const { entry: found, absolute, error } = copy.value;
    copy = copies.next();
    if (error !== null) tell(entry, 'unreadable', { why: error });
    else judge(entry, found, absolute);
  }
  for (; copy.done !== true; copy = copies.next()) tell(copy.value.entry, 'additional');
  return counts;

  function judge(entry: ManifestEntry, found: ManifestEntry, absolute: AbsolutePath): void {
    if (entry.unreadable !== null) tell(entry, 'unproven', { why: entry.unreadable });
    if (entry.unreadable !== null && entry.kind === 'other') return; // not even its kind is known
    let properties: DifferingProperty[];
    try {
      properties = contentDifferences(entry, found, absolute, isQuick ? null : buffer);
    } catch (error) {
      tell(entry, 'unreadable', { why: toReplicationError(error).code });
      return;
    }
    const attributes = attributeDifferences(entry, found).filter((name) => !ignored.has(name));
    if (properties.length > 0) tell(entry, 'different', { properties: [...properties, ...attributes] });
    else if (attributes.length > 0) tell(entry, 'attributes', { properties: attributes });
  }
}

function contentDifferences(
  entry: ManifestEntry,
  found: ManifestEntry,
  absolute: AbsolutePath,
  buffer: Buffer | null,
): DifferingProperty[] {
  if (entry.kind !== found.kind) return ['kind'];
  if (entry.kind === 'symlink') return entry.link !== null && readLink(absolute) !== entry.link ? ['link'] : [];
  if (entry.kind !== 'file') return [];
  if (entry.size !== found.size) return ['size'];
  if (buffer === null || entry.sha256 === null) return [];
  return hashFile(absolute, buffer, () => undefined).sha256 === entry.sha256 ? [] : ['content'];
}

function attributeDifferences(entry: ManifestEntry, found: ManifestEntry): AttributeName[] {
  const names: AttributeName[] = [];
  if (!isSameTime(entry.mtimeNs, found.mtimeNs)) names.push('time');
  // The mode of a link means nothing, and not every system can set it.
  if (entry.mode !== found.mode && entry.kind !== 'symlink') names.push('mode');
  if (entry.uid !== found.uid || entry.gid !== found.gid) names.push('owner');
  return names;
}

/** Many archives keep whole seconds, rounded down. */
function isSameTime(proven: bigint, found: bigint): boolean {
  const within = proven - found;
  return within === 0n || (found % NS === 0n && within > 0n && within < NS);
}

/** What is at the places, as entries that compare with those of a manifest. */
function* entriesOf(places: ReadonlyMap<number, AbsolutePath>) {
  // The place may be reached through a link: that is the choice of whoever names it.
  const real = [...places].map(([root, place]) => [root, statEntry(place) === null ? place : realFolder(place)] as const);
  const isOther = (path: AbsolutePath) => real.some(([, place]) => place === path);
  for (const [root, place] of real.sort(([a], [b]) => a - b)) {
    for (const { path, absolute, stat, error } of walkTree(place, isOther)) {
      const entry = stat === null ? unseenEntry(root, path, 'io-error') : entryFromStat(root, path, stat);
      yield { entry, absolute, error: error?.code ?? null };
    }
  }
}
