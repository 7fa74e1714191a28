import type { ChangedEntry } from '../../api/index.ts';
import { compareEntries, type ManifestEntry } from './manifest-entry.ts';

/** One entry that is another one in the newer of two manifests. `path` is raw, below its root. */
export interface ManifestChange {
  readonly root: number;
  readonly path: string;
  readonly kind: ChangedEntry['kind'];
  readonly what: ChangedEntry['what'];
}

/** What changed between two manifests of the same roots, as a stream in their order. */
export async function* compareManifests(
  before: AsyncIterable<ManifestEntry>,
  after: AsyncIterable<ManifestEntry>,
): AsyncGenerator<ManifestChange> {
  const old = before[Symbol.asyncIterator]();
  let was = await old.next();
  for await (const now of after) {
    while (was.done !== true && compareEntries(was.value, now) < 0) {
      yield changed(was.value, 'removed');
      was = await old.next();
    }
    if (was.done === true || compareEntries(was.value, now) > 0) {
      yield changed(now, 'new');
      continue;
    }
    const what = difference(was.value, now);
    was = await old.next();
    if (what !== null) yield changed(now, what);
  }
  for (; was.done !== true; was = await old.next()) yield changed(was.value, 'removed');
}

function changed({ root, path, kind }: ManifestEntry, what: ChangedEntry['what']): ManifestChange {
  return { root, path, kind, what };
}

function difference(was: ManifestEntry, now: ManifestEntry): ChangedEntry['what'] | null {
  if (was.kind !== now.kind) return 'new';
  // Of what could not be read on either day nobody knows that it is the same.
  const isUnknown = was.unreadable !== null || now.unreadable !== null;
  if (isUnknown || was.sha256 !== now.sha256 || was.size !== now.size || was.link !== now.link) return 'content';
  const isSame = was.mode === now.mode && was.uid === now.uid && was.gid === now.gid && was.mtimeNs === now.mtimeNs;
  return isSame ? null : 'attributes';
}
