import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { Random } from './random.ts';
import { exists, listTree, raw, sizeOf, type Listed } from './tree.ts';

/** Few names, so that operations meet; among them the odd ones that a file system allows. */
const NAMES = [
  'a',
  'b',
  'c',
  'd.txt',
  'e f',
  '#;x',
  'new\nline',
  '\xff\xfe',
  '\xc3\xbc',
  '-rf',
  '"q\\',
  'L'.repeat(200),
  'skip.tmp',
];
const SIZES = [0, 1, 10, 500, 4096, 4097, 65_536, 70_000, 200_000];
const MODES = [0o644, 0o600, 0o755, 0o400, 0o4755, 0o666];
const FOLDER_MODES = [0o755, 0o700, 0o1777, 0o2755];

/** The tree that operations work on, and a folder outside the set on the same disk for moves in and out. */
export interface Ground {
  readonly root: string;
  readonly outside: string;
  readonly random: Random;
}

type Operation = (ground: Ground, tree: Tree) => string | null;

/** What is there now, sorted by kind. */
class Tree {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly all: readonly Listed[];
  readonly #random: Random;

  constructor({ root, random }: Ground) {
    this.all = listTree(root);
    this.files = this.all.filter(({ kind }) => kind === 'file').map(({ path }) => path);
    this.folders = this.all.filter(({ kind }) => kind === 'folder').map(({ path }) => path);
    this.#random = random;
  }

  file(): string | null {
    return this.files.length === 0 ? null : this.#random.pick(this.files);
  }

  folder(): string | null {
    return this.folders.length === 0 ? null : this.#random.pick(this.folders);
  }

  any(): Listed | null {
    return this.all.length === 0 ? null : this.#random.pick(this.all);
  }

  /** A path in a random folder; something may be there. */
  place(root: string): string {
    const folder = this.#random.chance(0.4) ? root : (this.folder() ?? root);
    return `${folder}/${this.#random.pick(NAMES)}`;
  }
}

/** Does one random operation and says which; one that does not fit the present tree becomes another one. */
export function operate(ground: Ground): string {
  for (;;) {
    const tree = new Tree(ground);
    // A tree that grows without end makes slow runs, not better ones.
    const [name, operation] = tree.all.length > 80 ? removing : ground.random.pickWeighted(operations);
    const done = operation(ground, tree);
    if (done !== null) return `${name} ${done.replaceAll(ground.root, '')}`;
  }
}

const remove: Operation = (_ground, tree) => {
  const entry = tree.any();
  if (entry === null) return null;
  rmSync(raw(entry.path), { recursive: true });
  return entry.path;
};
const removing = ['remove', remove] as const;

const create: Operation = ({ root, random }, tree) => {
  const path = tree.place(root);
  if (exists(path)) return null;
  writeFileSync(raw(path), random.bytes(random.pick(SIZES)));
  return path;
};

const createMany: Operation = ({ root, random }, tree) => {
  const folder = `${tree.folder() ?? root}/many${random.between(0, 9)}`;
  if (exists(folder)) return null;
  mkdirSync(raw(folder));
  const count = random.between(5, 30);
  for (let i = 0; i < count; i++) writeFileSync(raw(`${folder}/${i}`), random.bytes(random.between(0, 300)));
  return `${folder} ${count}`;
};

const createBig: Operation = ({ root, random }, tree) => {
  const path = tree.place(root);
  if (exists(path)) return null;
  writeFileSync(raw(path), random.bytes(random.between(300_000, 1_500_000)));
  return path;
};

const createSparse: Operation = ({ root, random }, tree) => {
  const path = tree.place(root);
  if (exists(path)) return null;
  const fd = openSync(raw(path), 'w');
  writeSync(fd, random.bytes(5000), 0, 5000, random.between(1, 40) * 65_536);
  closeSync(fd);
  return path;
};

const overwrite: Operation = ({ random }, tree) => {
  const path = tree.file();
  if (path === null) return null;
  const bytes = random.bytes(random.between(1, 5000));
  const fd = openSync(raw(path), 'r+');
  writeSync(fd, bytes, 0, bytes.length, random.between(0, sizeOf(path)));
  closeSync(fd);
  return path;
};

/** A change that neither size nor time shows. */
const overwriteSecretly: Operation = ({ random }, tree) => {
  const path = tree.files.find((file) => sizeOf(file) > 100) ?? null;
  if (path === null) return null;
  const fd = openSync(raw(path), 'r+');
  const { mtimeMs, atimeMs } = fstatSync(fd);
  writeSync(fd, random.bytes(50), 0, 50, random.between(0, 50));
  futimesSync(fd, atimeMs / 1000, mtimeMs / 1000);
  closeSync(fd);
  return path;
};

const append: Operation = ({ random }, tree) => {
  const path = tree.file();
  if (path === null) return null;
  appendFileSync(raw(path), random.bytes(random.between(1, 3000)));
  return path;
};

const truncate: Operation = ({ random }, tree) => {
  const path = tree.file();
  if (path === null) return null;
  truncateSync(raw(path), random.chance(0.3) ? 0 : random.between(0, sizeOf(path) + 5000));
  return path;
};

/** What editors do: a new file is written beside and renamed over. */
const save: Operation = ({ random }, tree) => {
  const path = tree.file();
  if (path === null) return null;
  writeFileSync(raw(`${path}~`.slice(0, path.lastIndexOf('/') + 200)), random.bytes(random.pick(SIZES)));
  renameSync(raw(`${path}~`.slice(0, path.lastIndexOf('/') + 200)), raw(path));
  return path;
};

const move: Operation = ({ root }, tree) => {
  const entry = tree.any();
  const to = tree.place(root);
  if (entry === null || to === entry.path || to.startsWith(`${entry.path}/`) || entry.path.startsWith(`${to}/`)) return null;
  const there = lstatSync(raw(to), { throwIfNoEntry: false });
  if (there !== undefined && there.isDirectory() !== (entry.kind === 'folder')) return null;
  if (there?.isDirectory() === true && listTree(to).length > 0) return null;
  renameSync(raw(entry.path), raw(to));
  return `${entry.path} -> ${to}`;
};

const swap: Operation = ({ root }, tree) => {
  const a = tree.any();
  const b = tree.any();
  if (a === null || b === null || a.path === b.path || a.path.startsWith(`${b.path}/`) || b.path.startsWith(`${a.path}/`))
    return null;
  const between = `${root}/between`;
  renameSync(raw(a.path), raw(between));
  renameSync(raw(b.path), raw(a.path));
  renameSync(raw(between), raw(b.path));
  return `${a.path} <-> ${b.path}`;
};

const moveOut: Operation = ({ outside, random }, tree) => {
  const entry = tree.any();
  const to = `${outside}/${random.between(0, 5)}`;
  if (entry === null || exists(to)) return null;
  renameSync(raw(entry.path), raw(to));
  return `${entry.path} -> outside`;
};

const moveIn: Operation = ({ root, outside, random }, tree) => {
  const from = `${outside}/${random.between(0, 5)}`;
  const to = tree.place(root);
  if (!exists(from) || exists(to)) return null;
  renameSync(raw(from), raw(to));
  return `outside -> ${to}`;
};

const link: Operation = ({ root }, tree) => {
  const path = tree.file();
  const to = tree.place(root);
  if (path === null || exists(to)) return null;
  linkSync(raw(path), raw(to));
  return `${path} = ${to}`;
};

const symlink: Operation = ({ root, random }, tree) => {
  const path = tree.place(root);
  if (exists(path)) return null;
  symlinkSync(raw(random.pick(['a', '../b', 'nowhere/at all', '/etc/passwd', '.', '\xff\n'])), raw(path));
  return path;
};

const setMode: Operation = ({ random }, tree) => {
  const entry = tree.any();
  if (entry === null || entry.kind === 'symlink') return null;
  chmodSync(raw(entry.path), random.pick(entry.kind === 'folder' ? FOLDER_MODES : MODES));
  return entry.path;
};

const setOwner: Operation = ({ random }, tree) => {
  const path = tree.file();
  if (path === null || process.getuid?.() !== 0) return null;
  chownSync(raw(path), random.between(0, 3) * 1000, random.between(0, 3) * 1000);
  return path;
};

const setTimes: Operation = ({ random }, tree) => {
  const entry = tree.any();
  if (entry === null || entry.kind === 'symlink') return null;
  const seconds = random.between(-1000, 4_000_000_000) + random.next();
  utimesSync(raw(entry.path), seconds, seconds);
  return entry.path;
};

const makeFolders: Operation = ({ root, random }, tree) => {
  const path = `${tree.place(root)}/${random.pick(NAMES)}/${random.pick(NAMES)}`;
  const top = path.split('/').slice(0, -2).join('/');
  if (exists(top)) return null;
  mkdirSync(raw(path), { recursive: true });
  writeFileSync(raw(`${path}/deep`), random.bytes(20));
  return path;
};

const fileToFolder: Operation = ({ random }, tree) => {
  const path = tree.file();
  if (path === null) return null;
  unlinkSync(raw(path));
  mkdirSync(raw(path));
  if (random.chance(0.5)) writeFileSync(raw(`${path}/inside`), 'inside');
  return path;
};

const folderToFile: Operation = ({ random }, tree) => {
  const path = tree.folder();
  if (path === null) return null;
  rmSync(raw(path), { recursive: true });
  writeFileSync(raw(path), random.bytes(100));
  return path;
};

/** Changes inside a folder that moves away at once, so that whoever looks for them by their old path finds nothing. */
const changeAndMoveAway: Operation = ({ root, random }, tree) => {
  const folder = tree.folder();
  const to = tree.place(root);
  if (folder === null || exists(to) || to.startsWith(`${folder}/`)) return null;
  const inside = tree.all.filter(({ path }) => path.startsWith(`${folder}/`));
  const touched = inside.length === 0 ? null : random.pick(inside);
  if (touched?.kind === 'file') appendFileSync(raw(touched.path), 'more');
  else if (touched?.kind === 'folder') chmodSync(raw(touched.path), random.pick(FOLDER_MODES));
  const fresh = `${folder}/${random.pick(NAMES)}`;
  if (!exists(fresh)) {
    mkdirSync(raw(fresh));
    writeFileSync(raw(`${fresh}/x`), 'x');
    const next = random.between(0, 2);
    if (next === 0) {
      rmSync(raw(fresh), { recursive: true });
      writeFileSync(raw(fresh), 'a file now');
    } else if (next === 1) renameSync(raw(`${fresh}/x`), raw(`${fresh}/y`));
  }
  renameSync(raw(folder), raw(to));
  if (random.chance(0.3) && !exists(`${to}/x`)) writeFileSync(raw(`${to}/x`), 'after');
  return `${folder} -> ${to}`;
};

/** A program keeps a file open while it is renamed, and goes on writing. */
const writeThroughRename: Operation = ({ root, random }, tree) => {
  const path = tree.file();
  const to = tree.place(root);
  if (path === null || exists(to)) return null;
  const fd = openSync(raw(path), 'r+');
  writeSync(fd, random.bytes(10), 0, 10, 0);
  renameSync(raw(path), raw(to));
  writeSync(fd, random.bytes(10), 0, 10, 5);
  closeSync(fd);
  return `${path} -> ${to}`;
};

const operations: readonly (readonly [number, readonly [string, Operation]])[] = [
  [16, ['create', create]],
  [3, ['create many', createMany]],
  [1, ['create big', createBig]],
  [3, ['create sparse', createSparse]],
  [10, ['overwrite', overwrite]],
  [4, ['overwrite secretly', overwriteSecretly]],
  [8, ['append', append]],
  [6, ['truncate', truncate]],
  [6, ['save', save]],
  [12, ['move', move]],
  [4, ['swap', swap]],
  [3, ['move out', moveOut]],
  [4, ['move in', moveIn]],
  [5, ['link', link]],
  [4, ['symlink', symlink]],
  [5, ['set mode', setMode]],
  [3, ['set owner', setOwner]],
  [4, ['set times', setTimes]],
  [6, ['make folders', makeFolders]],
  [2, ['file to folder', fileToFolder]],
  [2, ['folder to file', folderToFile]],
  [3, ['write through rename', writeThroughRename]],
  [6, ['change and move away', changeAndMoveAway]],
  [10, removing],
];
