import type { EntryKind } from '../model/index.ts';

/**
 * `key`: the path as `orderKey` makes it, raw bytes, so that the order of rows is the order of a walk. Times end in `_at` in ms since 1970;
 * `mtime` and `ctime` are nanoseconds. `removed`: what was there and is not any more, until something is there again.
 */
export const indexMigrations: readonly string[] = [
  `
  CREATE TABLE entries (
    root INTEGER NOT NULL,
    key BLOB NOT NULL,
    kind INTEGER NOT NULL,
    dev INTEGER NOT NULL,
    ino INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    ctime INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    gid INTEGER NOT NULL,
    nlink INTEGER NOT NULL,
    sha256 BLOB,
    read_at INTEGER NOT NULL,
    content_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    content_cut INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (root, key)
  ) WITHOUT ROWID;
  CREATE INDEX entries_identity ON entries (dev, ino) WHERE nlink > 1;
  CREATE INDEX entries_changed ON entries (changed_at);
  CREATE TABLE removed (
    root INTEGER NOT NULL,
    key BLOB NOT NULL,
    kind INTEGER NOT NULL,
    removed_at INTEGER NOT NULL,
    PRIMARY KEY (root, key)
  ) WITHOUT ROWID;
  CREATE INDEX removed_at ON removed (removed_at);
  CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  `,
];

export const kindCodes = { file: 0, folder: 1, symlink: 2, other: 3 } as const satisfies Record<EntryKind, number>;
const kinds: readonly EntryKind[] = ['file', 'folder', 'symlink', 'other'];

export function kindOf(code: number): EntryKind {
  return kinds[code] ?? 'other';
}
