import type { ImportStatement } from './imports.ts';

/** Imports point down: a room may use a room of a lower level. `api` is the contract and may be used by all. */
const LEVELS: Readonly<Record<string, number>> = {
  base: 0,
  config: 1,
  store: 1,
  'engine/model': 2,
  'engine/fs': 3,
  'engine/wire': 3,
  'engine/capture': 4,
  'engine/catalog': 4,
  'engine/queue': 4,
  'engine/schedule': 4,
  'engine/transmit': 4,
  'engine/apply': 4,
  'engine/mirror': 4,
  'engine/verify': 4,
  'engine/backup': 4,
  'engine/snapshots': 4,
  'engine/failover': 4,
  'engine/connection': 5,
  control: 5,
  dtcl: 5,
  service: 6,
  console: 6,
  web: 7,
  app: 7,
  cli: 7,
};

/** Pairs within one level that the table allows: a composition root that is a command of another one. */
const ALLOWED_BESIDE: readonly string[] = ['cli → web'];

/** A command of a checkout that uses the build's own configuration. */
const ALLOWED_FILES: readonly string[] = ['src-main/cli/dev.ts → electron.vite.config.ts'];

/** Who alone may use a package. Everything else is free for `src-main`. */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  electron: ['app', 'preload'],
  'better-sqlite3': ['store'],
  koffi: ['engine/fs', 'engine/capture'],
  'node-pty': ['console'],
};

/** What is wrong with an import, in a sentence; null when it follows the rules. */
export function judgeImport({ from, to }: ImportStatement): string | null {
  const room = roomOf(from);
  if (room === null) return `${from} is in no room`;
  if (to.kind === 'package') return judgePackage(from, room, to.name);
  const target = roomOf(to.path);
  if (target === room) return null;
  if (ALLOWED_FILES.includes(`${from} → ${to.path}`)) return null;
  if (target === null) return `${from} imports ${to.path}, which is in no room`;
  if (!isDoor(to.path, target)) return `${from} imports ${to.path}: a room is entered through its index.ts`;
  if (room === 'renderer' || room === 'preload')
    return target === 'api' ? null : `${from} imports ${target}: ${room} may only use api`;
  if (room === 'api') return `${from} imports ${target}: api uses no room`;
  if (target === 'api') return null;
  if (ALLOWED_BESIDE.includes(`${room} → ${target}`)) return null;
  if (target.startsWith('engine/') && !room.startsWith('engine/') && target !== 'engine/connection') {
    return `${from} imports ${target}: outside the engine only engine/connection is known`;
  }
  const own = LEVELS[room];
  const other = LEVELS[target];
  if (own === undefined || other === undefined) return `${from} imports ${target}: no level is set for one of them`;
  return other < own ? null : `${from} imports ${target}, which is not below ${room}`;
}

function judgePackage(from: string, room: string, name: string): string | null {
  const homes = PACKAGE_HOMES[name];
  if (homes !== undefined && !homes.includes(room)) return `${from} imports ${name}, which belongs to ${homes.join(', ')}`;
  if (room === 'api' && name !== 'zod') return `${from} imports ${name}: api holds types and schemas only`;
  if (room === 'renderer' && name === 'node') return `${from} imports from Node: the page has none`;
  if (room === 'base' && name !== 'node') return `${from} imports ${name}: base uses only Node`;
  return null;
}

/** The room a file is in, as in the architecture's list; the renderer counts as one. */
export function roomOf(path: string): string | null {
  const parts = path.split('/');
  if (parts[0] === 'src-renderer') return 'renderer';
  if (parts[0] !== 'src-main' || parts.length < 3) return null;
  if (parts[1] !== 'engine') return parts[1] ?? null;
  return parts.length < 4 ? null : `engine/${parts[2]}`;
}

function isDoor(path: string, room: string): boolean {
  return path === `src-main/${room}/index.ts`;
}
