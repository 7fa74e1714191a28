import { openDatabase, type Database, type Statement } from '../../store/index.ts';
import { type EntryKind, type EntryStat, type RelativePath } from '../model/index.ts';
import { indexMigrations, kindCodes, kindOf } from './index-schema.ts';
import { orderKey } from './manifest-entry.ts';

/** Rows read at once, and changes made at once. */
const PAGE = 1_000;

/** What the index knows of one entry. */
export interface IndexedEntry {
  readonly root: number;
  /** As `orderKey` makes it. */
  readonly key: string;
  readonly kind: EntryKind;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  /** Of a file's content; null for all else and for what could not be read. */
  readonly sha256: string | null;
  /** When its content was read, or its reading began, ms since 1970. */
  readonly readAtMs: number;
  /** When this content, and the entry as it is, were first seen: ms since 1970, the start of the look. */
  readonly contentAtMs: number;
  readonly changedAtMs: number;
  /** At which cut the content was first seen; 0 for none. */
  readonly contentCut: number;
  /** When anything was first seen at this path, without a break. */
  readonly madeAtMs: number;
}

type Row = Readonly<Record<string, bigint | Buffer | null>>;

/**
 * What a replica held when it was last looked at, entry by entry, so that a file that did not change is not read again, and what changed
 * since a time can be told without a walk. It holds nothing that a full look would not find anew: without it all counts as changed.
 */
export class ContentIndex {
  readonly #database: Database;
  readonly #sql: Record<'page' | 'same' | 'put' | 'drop' | 'remove' | 'returned' | 'fact' | 'setFact' | 'forget', Statement>;
  #pending = 0;

  constructor(file: string) {
    this.#database = openDatabase(file, indexMigrations);
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#sql = {
      page: prepare('SELECT * FROM entries WHERE (root, key) > (?, ?) ORDER BY root, key LIMIT ?').safeIntegers(true),
      same: prepare('SELECT * FROM entries WHERE dev = ? AND ino = ? AND nlink > 1 AND ctime = ? LIMIT 1').safeIntegers(true),
      put: prepare(
        'INSERT OR REPLACE INTO entries (root, key, kind, dev, ino, size, mtime, ctime, mode, uid, gid, nlink, sha256, read_at, ' +
          'content_at, changed_at, content_cut, made_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)',
      ),
      drop: prepare('DELETE FROM entries WHERE root = ? AND key = ?'),
      remove: prepare('INSERT OR REPLACE INTO removed (root, key, kind, removed_at) VALUES (?,?,?,?)'),
      returned: prepare('DELETE FROM removed WHERE root = ? AND key = ?'),
      fact: prepare('SELECT value FROM facts WHERE name = ?').pluck(true),
      setFact: prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)'),
      forget: prepare('DELETE FROM removed WHERE removed_at < ?'),
    };
  }

  /**
   * A look at the replica begins. Returns what it is to be dated with, which is later than all looks before, also when the clock was set back:
   * a list of what changed goes by the order of looks. Removals before `keepRemovalsMs` are forgotten; those before the very first look
   * were never known. All that a list may rest on is in the file as soon as it is told, so a look that ends early has done no harm.
   */
  begin(startedAtMs: number, keepRemovalsMs: number): number {
    const fact = (name: string) => this.#sql.fact.get(name) as number | undefined;
    const latest = fact('begun_at') ?? fact('looked_at') ?? 0;
    const atMs = Math.max(startedAtMs, latest + 1);
    const known = fact('removals_since');
    this.#sql.setFact.run('begun_at', atMs);
    this.#sql.forget.run(keepRemovalsMs);
    this.#sql.setFact.run('removals_since', known === undefined ? atMs : Math.max(known, keepRemovalsMs));
    return atMs;
  }

  /** The whole replica was looked at, beginning then. */
  finished(startedAtMs: number): void {
    this.#sql.setFact.run('looked_at', startedAtMs);
    this.commit();
  }

  /** Another name of this very file whose content is known as of this ctime. */
  sameFile({ dev, ino, ctimeNs }: EntryStat): IndexedEntry | null {
    const row = this.#sql.same.get(BigInt.asIntN(64, dev), BigInt.asIntN(64, ino), ctimeNs);
    return row === undefined ? null : fromRow(row as Row);
  }

  put(entry: IndexedEntry): void {
    this.#change();
    const { root, kind, size, mtimeNs, ctimeNs, mode, uid, gid, nlink, sha256 } = entry;
    const key = Buffer.from(entry.key, 'latin1');
    this.#sql.put.run(
      root, key, kindCodes[kind], BigInt.asIntN(64, entry.dev), BigInt.asIntN(64, entry.ino), size, mtimeNs, ctimeNs, mode, uid, gid, nlink,
      sha256 === null ? null : Buffer.from(sha256, 'hex'), entry.readAtMs, entry.contentAtMs, entry.changedAtMs, entry.contentCut, entry.madeAtMs,
    ); // prettier-ignore
    if (entry.madeAtMs === entry.changedAtMs) this.#sql.returned.run(root, key);
  }

  /** The entry is not there any more. */
  removed({ root, key, kind }: IndexedEntry, atMs: number): void {
    this.#change();
    const bytes = Buffer.from(key, 'latin1');
    this.#sql.drop.run(root, bytes);
    this.#sql.remove.run(root, bytes, kindCodes[kind], atMs);
  }

  /** Rows after one place, in order. */
  page(root: number, key: string): IndexedEntry[] {
    return this.#sql.page.all(root, Buffer.from(key, 'latin1'), PAGE).map((row) => fromRow(row as Row));
  }

  commit(): void {
    if (this.#pending === 0) return;
    this.#database.exec('COMMIT');
    this.#pending = 0;
  }

  close(): void {
    this.commit();
    this.#database.close();
  }

  #change(): void {
    if (this.#pending >= PAGE) this.commit();
    if (this.#pending++ === 0) this.#database.exec('BEGIN');
  }
}

/** Goes through the index beside a walk of the replica. What the walk passes and does not name is gone. */
export class IndexCursor {
  readonly #index: ContentIndex;
  readonly #onGone: (entry: IndexedEntry) => void;
  #page: IndexedEntry[] = [];
  #next = 0;
  #isOver = false;
  /** Of an unreadable folder: what is in it is not known to be gone. */
  #unread: { readonly root: number; readonly prefix: string } | null = null;

  constructor(index: ContentIndex, onGone: (entry: IndexedEntry) => void) {
    this.#index = index;
    this.#onGone = onGone;
    this.#page = index.page(-1, '');
  }

  /** What is known of this entry; places come in order. */
  at(root: number, path: RelativePath): IndexedEntry | null {
    const key = orderKey(path);
    for (let known = this.#peek(); known !== undefined; known = this.#peek()) {
      const order = known.root - root || (known.key < key ? -1 : known.key > key ? 1 : 0);
      if (order > 0) return null;
      this.#next++;
      if (order === 0) return known;
      this.#pass(known);
    }
    return null;
  }

  /** The names in this folder, or the whole root where `path` is '', could not be read. */
  unreadable(root: number, path: RelativePath): void {
    this.#unread = { root, prefix: path === '' ? '' : `${orderKey(path)}\0` };
  }

  /** The walk is over. */
  finish(): void {
    for (let known = this.#peek(); known !== undefined; known = this.#peek()) {
      this.#next++;
      this.#pass(known);
    }
  }

  #pass(known: IndexedEntry): void {
    const isUnread = this.#unread?.root === known.root && known.key.startsWith(this.#unread.prefix);
    if (!isUnread) this.#onGone(known);
  }

  #peek(): IndexedEntry | undefined {
    if (this.#next < this.#page.length) return this.#page[this.#next];
    const last = this.#page.at(-1);
    if (this.#isOver || last === undefined) return undefined;
    this.#page = this.#index.page(last.root, last.key);
    this.#next = 0;
    this.#isOver = this.#page.length === 0;
    return this.#page[0];
  }
}

function fromRow(row: Row): IndexedEntry {
  const { sha256, key } = row;
  return {
    root: Number(row.root),
    key: (key as Buffer).toString('latin1'),
    kind: kindOf(Number(row.kind)),
    dev: row.dev as bigint,
    ino: row.ino as bigint,
    size: Number(row.size),
    mtimeNs: row.mtime as bigint,
    ctimeNs: row.ctime as bigint,
    mode: Number(row.mode),
    uid: Number(row.uid),
    gid: Number(row.gid),
    nlink: Number(row.nlink),
    sha256: sha256 === null ? null : (sha256 as Buffer).toString('hex'),
    readAtMs: Number(row.read_at),
    contentAtMs: Number(row.content_at),
    changedAtMs: Number(row.changed_at),
    contentCut: Number(row.content_cut),
    madeAtMs: Number(row.made_at),
  };
}
