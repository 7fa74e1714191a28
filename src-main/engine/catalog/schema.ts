/**
 * `nodes` is a tree by parent and name, so that a rename of a folder with a million files changes one row.
 * Times and inode numbers need 64 bits. `trust`: -1 the target has another version on purpose, 0 it holds exactly this,
 * 1 only its attributes are in doubt, 2 everything is in doubt (it may hold anything, or nothing).
 * `unsure_lap`: see `Laps`. `undo` is what rolls the tree back to an earlier sequence: 'rename' rows remember where a node was, 'remove' rows what was there.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE nodes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    parent INTEGER NOT NULL,
    name TEXT NOT NULL,
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
    link TEXT,
    sequence INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    trust INTEGER NOT NULL,
    read_at INTEGER NOT NULL,
    UNIQUE (parent, name)
  );
  CREATE INDEX nodes_identity ON nodes (ino);
  CREATE TABLE undo (
    sequence INTEGER NOT NULL,
    what TEXT NOT NULL,
    node INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind INTEGER NOT NULL
  );
  CREATE INDEX undo_sequence ON undo (sequence);
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  `,
  'ALTER TABLE nodes ADD COLUMN unsure_lap INTEGER NOT NULL DEFAULT 0',
  // What a closer look than lstat told: a number for the extended attributes, and flags of the inode that no replica carries.
  `
  ALTER TABLE nodes ADD COLUMN extended INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE nodes ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX nodes_flags ON nodes (flags) WHERE flags <> 0;
  `,
];
