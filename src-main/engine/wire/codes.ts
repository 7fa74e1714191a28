import type { EntryKind } from '../model/index.ts';
import type { CutLabel, SourceMessage, TargetMessage, WireOp } from './messages.ts';

/** The numbers that stand for kinds on the wire. Part of the format: never reused, changed only with DATA_VERSION. */
export const opCodes = {
  write: 1,
  'write-stream': 2,
  'patch-stream': 3,
  folder: 4,
  symlink: 5,
  link: 6,
  attributes: 7,
  rename: 8,
  remove: 9,
  barrier: 10,
  'group-begin': 11,
  'group-end': 12,
  orphan: 13,
} as const satisfies Record<WireOp['kind'], number>;

export const sourceCodes = {
  hello: 1,
  ops: 2,
  data: 3,
  'data-end': 4,
  'get-signatures': 5,
  'get-listing': 6,
  release: 7,
  alive: 8,
  'get-volumes': 30,
  'hold-noted': 9,
  'orphan-search': 10,
  stream: 11,
  'data-drop': 12,
  whole: 13,
  'owner-names': 31,
} as const satisfies Record<SourceMessage['kind'], number>;

export const targetCodes = {
  welcome: 65,
  refused: 66,
  ack: 67,
  failed: 68,
  retrying: 69,
  signatures: 70,
  listing: 71,
  released: 72,
  loss: 80,
  volumes: 81,
  standing: 73,
  taken: 74,
} as const satisfies Record<TargetMessage['kind'], number>;

export const entryCodes = { file: 0, folder: 1, symlink: 2, other: 3 } as const satisfies Record<EntryKind, number>;
export const entryKinds: readonly EntryKind[] = ['file', 'folder', 'symlink', 'other'];
export const labelCodes = { 'file-level': 0, 'point-in-time': 1 } as const satisfies Record<CutLabel, number>;
export const cutLabels: readonly CutLabel[] = ['file-level', 'point-in-time'];
