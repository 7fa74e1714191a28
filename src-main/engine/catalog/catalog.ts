/* One class over one database, kept whole: whatever writes must also forget what is remembered of rows, and is seen to do so only beside it. */
import { invariant } from '../../base/index.ts';
import { openDatabase, type Database, type Statement } from '../../store/index.ts';
import { isSurelyRead, parentPath, placeKey, type EntryStat, type Place } from '../model/index.ts';
import { DelayedWrites } from './delayed-writes.ts';
import { Laps } from './laps.ts';
import { ListedFolder } from './listed-folder.ts';
import { columns, fromRaw, isSameObject, kindNumber, signed, trustNumber, type CatalogRow, type Trust } from './row.ts';
import { migrations } from './schema.ts';
import { SeenInodes } from './seen-inodes.ts';

const NO_PARENT = 0n;
/** Folder ids are looked up for every entry; beyond this many the cache starts anew. */
const CACHED_FOLDERS = 20_000;
/** To read the inodes of more rows would keep the thread for too long: a million take some tenths of a second. */
const MOST_INODES = 1_000_000;
/** Pages of 4 KiB that gather beside the database before they are brought in, which waits for the disk twice and keeps the thread. */
const WAL_PAGES = 4_000;

/** What a mirror found out about an entry beyond `lstat`. */
interface Confirmation {
  readonly linkTarget: string | null;
  readonly epoch: number;
  readonly extendedHash: bigint;
  readonly flags: number;
  /** When the content was read and found equal, too; undefined: it was not read, and size and time are taken for proof (a mirror's rule). */
  readonly readAtMs?: number;
}

interface Looked<R> {
  readonly root: number;
  readonly path: string;
  readonly row: R;
}

/**
 * What the target of one connection will hold once all sent ops are applied: a tree on disk, in constant memory. Changes gather in a
 * transaction that `commit` ends, and some of them in memory before; commit before the ops leave, so that after a kill the catalog is never behind what a target received.
 * `rollback` then brings it back to what the target really has. One owner, one thread.
 */
export class Catalog {
  readonly #database: Database;
  readonly #folderIds = new Map<string, bigint>();
  /** What was looked up last: whoever brings an entry asks for its row several times before it is changed. */
  #lastLookup: Looked<CatalogRow | null> | null = null;
  /** The folder that was looked up last: whoever brings an entry asks for its folder before and after. Stays while nothing of any folder changes. */
  #lastFolder: (Looked<CatalogRow> & { readonly generation: number }) | null = null;
  /** The folder whose rows were listed last: a walk asks for each of them after that. */
  #listed: ListedFolder | null = null;
  /** Rows of entries other than folders that were put or found equal. */
  readonly #delayed = new DelayedWrites();
  readonly #inodes: SeenInodes;
  #inTransaction = false;
  #generation = 0;
  readonly #laps: Laps;
  readonly #sql: Record<
    | 'child'
    | 'byId'
    | 'children'
    | 'put'
    | 'confirm'
    | 'confirmRead'
    | 'delete'
    | 'move'
    | 'undo'
    | 'prune'
    | 'peers'
    | 'trust'
    | 'fact'
    | 'setFact',
    Statement
  >;

  constructor(file: string) {
    this.#database = openDatabase(file, migrations);
    this.#database.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
    const read = (sql: string) => this.#database.prepare(sql).safeIntegers(true).raw(true);
    const write = (sql: string) => this.#database.prepare(sql);
    this.#sql = {
      child: read(`SELECT ${columns} FROM nodes WHERE parent = ? AND name = ?`),
      byId: read(`SELECT ${columns} FROM nodes WHERE id = ?`),
      children: read(`SELECT ${columns} FROM nodes WHERE parent = ? ORDER BY name`),
      peers: read(`SELECT ${columns} FROM nodes WHERE ino = ? AND dev = ? AND kind = ?`),
      put: write(
        `INSERT INTO nodes (parent, name, kind, dev, ino, size, mtime, ctime, mode, uid, gid, nlink, link, sequence, epoch, trust, read_at, unsure_lap, extended, flags)
         VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
         ON CONFLICT (parent, name) DO UPDATE SET kind = excluded.kind, dev = excluded.dev, ino = excluded.ino, size = excluded.size,
           mtime = excluded.mtime, ctime = excluded.ctime, mode = excluded.mode, uid = excluded.uid, gid = excluded.gid,
           nlink = excluded.nlink, link = excluded.link, sequence = excluded.sequence, epoch = excluded.epoch, trust = excluded.trust,
           read_at = excluded.read_at, unsure_lap = excluded.unsure_lap,
           extended = excluded.extended, flags = excluded.flags`,
      ),
      confirm: write('UPDATE nodes SET epoch = ?, unsure_lap = 0 WHERE id = ?'),
      confirmRead: write('UPDATE nodes SET epoch = ?, read_at = ?, unsure_lap = ? WHERE id = ?'),
      delete: write('DELETE FROM nodes WHERE id = ?'),
      move: write('UPDATE nodes SET parent = ?, name = ? WHERE id = ?'),
      undo: write('INSERT INTO undo (sequence, what, node, parent, name, kind) VALUES (?,?,?,?,?,?)'),
      prune: write('DELETE FROM undo WHERE sequence <= ?'),
      trust: write('UPDATE nodes SET trust = max(trust, ?) WHERE id = ?'),
      fact: this.#database.prepare('SELECT value FROM facts WHERE name = ?').pluck(true),
      setFact: write('INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value'),
    };
    const isEmpty = this.#database.prepare('SELECT 1 FROM nodes LIMIT 1').get() === undefined;
    const inodes = read('SELECT ino FROM nodes').raw(false).pluck(true);
    this.#inodes = new SeenInodes(() => {
      this.#delayed.run();
      return this.#number('SELECT max(id) FROM nodes') > MOST_INODES ? null : (inodes.iterate() as Iterable<bigint>);
    }, isEmpty);
    this.#laps = new Laps({
      read: () => Number(this.fact('lap') ?? '1'),
      write: (lap) => this.setFact('lap', String(lap)),
    });
  }

  lookup({ root, path }: Place): CatalogRow | null {
    const last = this.#lastLookup;
    if (last?.path === path && last.root === root) return last.row;
    const folder = this.#lastFolder;
    if (folder?.path === path && folder.root === root && folder.generation === this.#generation) return folder.row;
    const row =
      path === ''
        ? this.child(NO_PARENT, String(root))
        : this.#childOf({ root, path: parentPath(path) }, path.slice(path.lastIndexOf('/') + 1));
    this.#lastLookup = { root, path, row };
    if (row?.kind === 'folder') this.#lastFolder = { root, path, row, generation: this.#generation };
    return row;
  }

  child(parent: bigint, name: string): CatalogRow | null {
    const listed = this.#listed?.child(parent, name);
    if (listed !== undefined) return listed;
    if (this.#delayed.concern(name)) this.#delayed.run();
    const raw = this.#sql.child.get(parent, name);
    return raw === undefined ? null : fromRaw(raw);
  }

  /** Sorted by the bytes of the name. */
  children(parent: bigint): CatalogRow[] {
    this.#delayed.run();
    const rows = this.#sql.children.all(parent).map(fromRaw);
    this.#listed = ListedFolder.of(parent, rows);
    return rows;
  }

  /** Names under which the same object was sent; the disk must be asked whether it still has them. */
  byIdentity(stat: EntryStat): CatalogRow[] {
    if (!this.#inodes.mayHave(stat.ino)) return [];
    this.#delayed.run();
    const rows = this.#sql.peers.all(signed(stat.ino), signed(stat.dev), kindNumber(stat.kind)).map(fromRaw);
    if (rows.length === 0) this.#inodes.wasInVain();
    return rows;
  }

  placeOf(row: CatalogRow): Place {
    const names: string[] = [];
    let at = row;
    while (at.parent !== NO_PARENT) {
      names.unshift(at.name);
      const raw = this.#sql.byId.get(at.parent);
      invariant(raw !== undefined, 'a catalog row has a parent row up to its root');
      at = fromRaw(raw);
    }
    return { root: Number(at.name), path: names.join('/') };
  }

  /**
   * Sets what the target will hold at `place` after op `sequence` (0: found equal). Its parent must be in the catalog. `readAtMs`: when the
   * content was read at this ctime, 0 when it was not; `isBelieved`: no read is needed, size and time are taken for proof (a mirror's rule).
   */
  put(
    place: Place,
    stat: EntryStat,
    facts: {
      linkTarget: string | null;
      sequence: number;
      epoch: number;
      readAtMs: number;
      extendedHash: bigint;
      flags: number;
      isBelieved?: boolean;
      trust?: Trust;
    },
  ): void {
    this.#beginRow();
    const trust = trustNumber(facts.trust ?? 'known');
    const values = [
      kindNumber(stat.kind), signed(stat.dev), signed(stat.ino), stat.size, stat.mtimeNs, stat.ctimeNs, stat.mode, stat.uid, stat.gid,
      stat.nlink, facts.linkTarget, facts.sequence, facts.epoch, trust, facts.readAtMs,
      facts.isBelieved === true ? 0 : this.#unsureLap(stat, facts.readAtMs), facts.extendedHash, facts.flags,
    ] as const; // prettier-ignore
    const parent = this.folderIdOf(place);
    invariant(parent !== null, 'an entry is put after its parent');
    const name = place.path === '' ? String(place.root) : place.path.slice(place.path.lastIndexOf('/') + 1);
    this.#inodes.add(stat.ino);
    this.#delayed.add(name, this.#sql.put, [parent, name, ...values]);
    this.#changed(parent, name);
    if (this.#lastFolder?.path === place.path && this.#lastFolder.root === place.root) this.#lastFolder = null;
    if (stat.kind !== 'folder') return;
    // What comes into it needs its number.
    this.#delayed.run();
    this.#generation++;
  }

  /** The row of the folder around a place; null when it has none, so that nothing can be put there. */
  folderIdOf({ root, path }: Place): bigint | null {
    return path === '' ? NO_PARENT : this.#folderId({ root, path: parentPath(path) });
  }

  /**
   * As `put` of an entry that was found equal, where nothing but the mirror's number and the time of the read would change; false where more
   * would, and nothing was done.
   */
  confirm(row: CatalogRow, stat: EntryStat, { linkTarget, epoch, extendedHash, flags, readAtMs }: Confirmation): boolean {
    const isSame =
      row.trust === 'known' &&
      isSameObject(row, stat) &&
      row.size === stat.size &&
      row.mtimeNs === stat.mtimeNs &&
      row.ctimeNs === stat.ctimeNs &&
      row.mode === stat.mode &&
      row.uid === stat.uid &&
      row.gid === stat.gid &&
      row.nlink === stat.nlink &&
      row.linkTarget === linkTarget &&
      row.extendedHash === extendedHash &&
      row.flags === flags;
    if (!isSame) return false;
    this.#beginRow();
    if (readAtMs === undefined) this.#delayed.add(row.name, this.#sql.confirm, [epoch, row.id]);
    else this.#delayed.add(row.name, this.#sql.confirmRead, [epoch, readAtMs, this.#unsureLap(stat, readAtMs), row.id]);
    this.#changed(row.parent, row.name);
    if (row.kind === 'folder') this.#generation++;
    return true;
  }

  /** Another number whenever a folder, or what is held of one, may have changed: what was found out about folders before is stale then. */
  get generation(): number {
    return this.#generation;
  }

  /** The entry leaves with op `sequence`; it must have no children left. */
  remove(row: CatalogRow, sequence: number): void {
    this.#begin();
    this.#sql.undo.run(sequence, 'remove', row.id, row.parent, row.name, kindNumber(row.kind));
    this.#sql.delete.run(row.id);
    this.#changed(row.parent, row.name);
    if (row.kind === 'folder') {
      this.#folderIds.clear();
      this.#generation++;
    }
  }

  /** The entry with all below it moves to `to` with op `sequence`; nothing may be in the catalog at `to`. */
  rename(row: CatalogRow, to: Place, sequence: number): void {
    const parent = this.#folderId({ root: to.root, path: parentPath(to.path) });
    invariant(parent !== null && to.path !== '', 'a rename goes into a known folder');
    this.#begin();
    this.#sql.undo.run(sequence, 'rename', row.id, row.parent, row.name, kindNumber(row.kind));
    this.#sql.move.run(parent, to.path.slice(to.path.lastIndexOf('/') + 1), row.id);
    this.#listed = null;
    if (row.kind === 'folder') {
      this.#folderIds.clear();
      this.#generation++;
    }
  }

  /** What the target holds there is in doubt; stays so until the next `put`. */
  doubt(row: CatalogRow, what: 'attributes' | 'nothing'): void {
    this.#begin();
    if (row.kind === 'folder') this.#generation++;
    this.#sql.trust.run(what === 'nothing' ? 2 : 1, row.id);
    this.#changed(row.parent, row.name);
  }

  /** As `doubt('nothing')` for the entry and all below it: the target turned out to lack something there. */
  doubtTree(row: CatalogRow): void {
    this.doubt(row, 'nothing');
    if (row.kind === 'folder') for (const child of this.children(row.id)) this.doubtTree(child);
  }

  /** As `doubt('nothing')` for every entry: the target may hold anything. */
  doubtAll(): void {
    this.#begin();
    this.#generation++;
    this.#listed = null;
    this.#lastLookup = null;
    this.#database.prepare('UPDATE nodes SET trust = 2').run();
  }

  /** Every notice that arrived has been followed. */
  settled(): void {
    this.#laps.settled();
  }

  /** Changes may have gone unseen since the last rest: what was unsure then becomes suspect. */
  noticesLost(): void {
    this.#laps.noticesLost();
  }

  /** Whether the content may have changed without a trace in the noted time stamps, because notices were lost. */
  isSuspect(row: CatalogRow): boolean {
    return this.#laps.isSuspect(row.unsureLap);
  }

  commit(): void {
    if (!this.#inTransaction) return;
    this.#delayed.run();
    this.#database.exec('COMMIT');
    this.#inTransaction = false;
  }

  /** The target holds everything up to `sequence` for good: what could undo it is forgotten. */
  acknowledged(sequence: number): void {
    this.#begin();
    this.#sql.prune.run(sequence);
  }

  /**
   * Undoes every op after `sequence`, newest first, and puts every place they touched in doubt. Ops after `trustedUpTo` stay, and what they
   * set is in doubt too. Returns those places; the caller has each examined again.
   */
  rollback(sequence: number, trustedUpTo = sequence): Place[] {
    this.#begin();
    this.#generation++;
    this.#folderIds.clear();
    this.#listed = null;
    const touched = new Set<bigint>();
    const places: Place[] = [];
    const undo = this.#database
      .prepare('SELECT what, node, parent, name, kind FROM undo WHERE sequence > ? ORDER BY sequence DESC, rowid DESC')
      .safeIntegers(true)
      .raw(true)
      .all(sequence) as [string, bigint, bigint, string, bigint][];
    for (const [what, node, parent, name, kind] of undo) {
      const present = this.#sql.byId.get(node);
      if (what === 'rename' && present !== undefined) {
        // Where it went must be looked at again too: the disk has it there.
        places.push(this.placeOf(fromRaw(present)));
        this.#evict(parent, name, node);
        this.#sql.move.run(parent, name, node);
      } else if (what === 'remove' && present === undefined) {
        this.#evict(parent, name, node);
        this.#database
          .prepare(
            'INSERT INTO nodes (id, parent, name, kind, dev, ino, size, mtime, ctime, mode, uid, gid, nlink, link, sequence, epoch, trust, read_at) VALUES (?,?,?,?,0,0,0,0,0,0,0,0,0,NULL,0,0,2,0)',
          )
          .run(node, parent, name, kind);
      }
      touched.add(node);
    }
    const later = this.#database
      .prepare('SELECT id FROM nodes WHERE sequence > ?')
      .safeIntegers(true)
      .pluck(true)
      .all(Math.min(sequence, trustedUpTo)) as bigint[];
    for (const id of later) touched.add(id);
    for (const id of touched) {
      const raw = this.#sql.byId.get(id);
      if (raw === undefined) continue;
      this.#sql.trust.run(2, id);
      places.push(this.placeOf(fromRaw(raw)));
    }
    this.#database.prepare('DELETE FROM undo WHERE sequence > ?').run(sequence);
    this.#database.prepare('UPDATE nodes SET sequence = 0 WHERE sequence > ?').run(sequence);
    this.commit();
    return places;
  }

  /** Every place of which nothing is known for sure. Reads the whole catalog. */
  inDoubt(): Place[] {
    this.#delayed.run();
    const rows = this.#database.prepare(`SELECT ${columns} FROM nodes WHERE trust = 2`).safeIntegers(true).raw(true).all();
    return rows.map((raw) => this.placeOf(fromRaw(raw)));
  }

  fact(name: string): string | null {
    return (this.#sql.fact.get(name) as string | undefined) ?? null;
  }

  setFact(name: string, value: string): void {
    this.#begin();
    this.#sql.setFact.run(name, value);
  }

  /** How many entries have a flag of the inode, and the first of them. */
  flagged(flag: number, most: number): { readonly count: number; readonly rows: readonly CatalogRow[] } {
    this.#delayed.run();
    const where = 'FROM nodes WHERE flags <> 0 AND (flags & ?) <> 0';
    const count = this.#database.prepare(`SELECT count(*) ${where}`).pluck(true).get(flag) as number;
    if (count === 0) return { count, rows: [] };
    const rows = this.#database.prepare(`SELECT ${columns} ${where} LIMIT ?`).safeIntegers(true).raw(true).all(flag, most);
    return { count, rows: rows.map(fromRaw) };
  }

  /** The newest op that any row or undo record knows; 0 for none. */
  newestSequence(): number {
    this.#delayed.run();
    return Math.max(this.#number('SELECT max(sequence) FROM nodes'), this.#number('SELECT max(sequence) FROM undo'));
  }

  /** What was known under one device number is the same under another. */
  renumberDevice(from: bigint, to: bigint): void {
    this.#begin();
    this.#generation++;
    this.#listed = null;
    this.#database.prepare('UPDATE nodes SET dev = ? WHERE dev = ?').run(signed(to), signed(from));
  }

  /** How many files it has, in all or in one root. */
  countFiles(root?: number): number {
    this.#delayed.run();
    if (root === undefined) return this.#number(`SELECT count(*) FROM nodes WHERE kind = ${kindNumber('file')}`);
    const row = this.lookup({ root, path: '' });
    return row === null ? 0 : row.kind === 'folder' ? this.countFilesBelow(row) : 1;
  }

  /** Its files, and their bytes. Reads the whole catalog. */
  size(): { readonly files: number; readonly bytes: number } {
    this.#delayed.run();
    const sql = `SELECT count(*), total(size) FROM nodes WHERE kind = ${kindNumber('file')}`;
    const [files, bytes] = this.#database.prepare(sql).raw(true).get() as [number, number];
    return { files, bytes };
  }

  /** How many files are below a folder, at any depth. */
  countFilesBelow(folder: CatalogRow): number {
    this.#delayed.run();
    const sql = `WITH RECURSIVE below (id, kind) AS (
        SELECT id, kind FROM nodes WHERE parent = ? UNION ALL
        SELECT nodes.id, nodes.kind FROM below JOIN nodes ON nodes.parent = below.id WHERE below.kind = ${kindNumber('folder')}
      ) SELECT count(*) FROM below WHERE kind = ${kindNumber('file')}`;
    return this.#database.prepare(sql).pluck(true).get(folder.id) as number;
  }

  close(): void {
    try {
      this.commit();
    } finally {
      this.#database.close();
    }
  }

  /** Frees the place for what an undo puts back: whatever came there later never reached the target. */
  #evict(parent: bigint, name: string, keep: bigint): void {
    const raw = this.#sql.child.get(parent, name);
    if (raw === undefined) return;
    const row = fromRaw(raw);
    if (row.id !== keep) this.#deleteTree(row.id);
  }

  #deleteTree(id: bigint): void {
    for (const child of this.#sql.children.all(id).map(fromRaw)) this.#deleteTree(child.id);
    this.#sql.delete.run(id);
  }

  /** The lap for a row whose content may have changed after it was read; 0 where that is ruled out. */
  #unsureLap(stat: EntryStat, readAtMs: number): number {
    return stat.kind === 'file' && !isSurelyRead({ ...stat, readAtMs }) ? this.#laps.use() : 0;
  }

  #number(sql: string): number {
    return (this.#database.prepare(sql).pluck(true).get() as number | null) ?? 0;
  }

  #folderId(place: Place): bigint | null {
    const key = placeKey(place);
    const cached = this.#folderIds.get(key);
    if (cached !== undefined) return cached;
    const row =
      place.path === ''
        ? this.child(NO_PARENT, String(place.root))
        : this.#childOf({ root: place.root, path: parentPath(place.path) }, place.path.slice(place.path.lastIndexOf('/') + 1));
    if (row?.kind !== 'folder') return null;
    if (this.#folderIds.size >= CACHED_FOLDERS) this.#folderIds.clear();
    this.#folderIds.set(key, row.id);
    return row.id;
  }

  #childOf(parent: Place, name: string): CatalogRow | null {
    const id = this.#folderId(parent);
    return id === null ? null : this.child(id, name);
  }

  #changed(parent: bigint, name: string): void {
    if (this.#listed?.changed(parent, name) === false) this.#listed = null;
  }

  /** Before every change but that of one row, of which others may wait. */
  #begin(): void {
    this.#beginRow();
    this.#delayed.run();
  }

  #beginRow(): void {
    this.#lastLookup = null;
    if (this.#inTransaction) return;
    this.#database.exec('BEGIN');
    this.#inTransaction = true;
  }
}
