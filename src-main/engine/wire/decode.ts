import { isErrorCode, type ErrorCode, type ErrorDetails } from '../../base/index.ts';
import { abilityAnswers, losses, MOST_EXTENDED_BYTES, volumeAbilities } from '../model/index.ts';
import type {
  AbilityAnswer,
  Attributes,
  EntryKind,
  ExtendedAttribute,
  Loss,
  VolumeAbility,
  VolumeTraits,
} from '../model/index.ts';
import { ByteReader, protocolError } from './byte-reader.ts';
import { cutLabels, entryKinds, opCodes, sourceCodes, targetCodes } from './codes.ts';
import type { CutLabel, ExpectedFile, ListedEntry, NamedOwner, SourceMessage, TargetMessage, WireOp } from './messages.ts';

/** The fewest bytes that an op, a place and a listed entry take: they bound what a false count can claim. */
const LEAST_OP_BYTES = 9;
const LEAST_PLACE_BYTES = 4;
const LEAST_ENTRY_BYTES = 39;
const LEAST_EXTENDED_BYTES = 7;
const LEAST_OWNER_BYTES = 7;
const MAX_OWNER_NAME_BYTES = 1024;
const LEAST_TRAITS_BYTES = 5 + volumeAbilities.length;
const SIGNATURE_BYTES = 13;
const MAX_CONNECTION_ID_BYTES = 100;
const MAX_DETAILS_BYTES = 16_384;

/** Checks and reads one header from a source. Throws `protocol-error`. */
export function decodeSourceHeader(header: Buffer, payloadBytes: number): SourceMessage {
  const reader = new ByteReader(header);
  const message = readSource(reader, payloadBytes);
  reader.finish();
  if (payloadBytes > 0 && message.kind !== 'ops' && message.kind !== 'data') throw protocolError(`${message.kind} carries data`);
  return message;
}

function readSource(reader: ByteReader, payloadBytes: number): SourceMessage {
  const code = reader.u8();
  switch (code) {
    case sourceCodes.hello:
      return { kind: 'hello', version: reader.u32(), connectionId: reader.text(MAX_CONNECTION_ID_BYTES) };
    case sourceCodes.ops:
      return { kind: 'ops', ops: readOps(reader, payloadBytes) };
    case sourceCodes.data: {
      const message = { kind: 'data', stream: reader.whole(), offset: reader.whole() } as const;
      if (payloadBytes === 0) throw protocolError('data without content');
      if (!Number.isSafeInteger(message.offset + payloadBytes)) throw protocolError('data beyond the largest file');
      return message;
    }
    case sourceCodes.stream:
      return { kind: 'stream', stream: reader.whole(), root: reader.u16(), isPatch: reader.flag() };
    case sourceCodes['data-drop']:
      return { kind: 'data-drop', stream: reader.whole() };
    case sourceCodes['data-end']:
      return {
        kind: 'data-end',
        stream: reader.whole(),
        sequence: reader.whole(),
        size: reader.whole(),
        attributes: readAttributes(reader),
      };
    case sourceCodes['get-signatures']: {
      const requestId = reader.u32();
      const files = new Array<{ root: number; path: string }>(reader.count(LEAST_PLACE_BYTES));
      for (let i = 0; i < files.length; i++) files[i] = { root: reader.u16(), path: reader.path() };
      return { kind: 'get-signatures', requestId, files };
    }
    case sourceCodes['owner-names']: {
      const byName = reader.flag();
      const owners = Array.from({ length: reader.count(LEAST_OWNER_BYTES) }, (): NamedOwner => ({
        kind: reader.flag() ? 'group' : 'user',
        id: reader.u32(),
        name: reader.text(MAX_OWNER_NAME_BYTES),
      }));
      return { kind: 'owner-names', byName, owners };
    }
    case sourceCodes['get-volumes']:
      return { kind: 'get-volumes', requestId: reader.u32() };
    case sourceCodes['get-listing']:
      return { kind: 'get-listing', requestId: reader.u32(), root: reader.u16(), path: reader.path() };
    case sourceCodes['orphan-search']:
      return { kind: 'orphan-search', phase: reader.flag() ? 'end' : 'begin' };
    case sourceCodes.whole:
      return { kind: 'whole', isWhole: reader.flag() };
    case sourceCodes.release:
      return { kind: 'release' };
    case sourceCodes.alive:
      return { kind: 'alive' };
    case sourceCodes['hold-noted']:
      return { kind: 'hold-noted' };
    default:
      throw protocolError(`unknown message ${code}`);
  }
}

function readOps(reader: ByteReader, payloadBytes: number): WireOp[] {
  const ops = new Array<WireOp>(reader.count(LEAST_OP_BYTES));
  let inlineBytes = 0;
  for (let i = 0; i < ops.length; i++) {
    const op = readOp(reader);
    if (op.kind === 'write') inlineBytes += op.size;
    ops[i] = op;
  }
  if (inlineBytes !== payloadBytes) throw protocolError('the ops of a frame claim other data than it carries');
  return ops;
}

/** One op as `writeOp` wrote it. */
export function readOp(reader: ByteReader): WireOp {
  const code = reader.u8();
  const sequence = reader.whole();
  if (sequence === 0) throw protocolError('sequences start at 1');
  if (code === opCodes.barrier) return { kind: 'barrier', sequence };
  if (code === opCodes['group-begin']) return { kind: 'group-begin', sequence };
  if (code === opCodes['group-end']) return { kind: 'group-end', sequence, atMs: reader.whole(), label: readLabel(reader) };
  const root = reader.u16();
  const path = reader.path();
  switch (code) {
    case opCodes.write:
      return {
        kind: 'write',
        sequence,
        root,
        path,
        size: reader.whole(),
        attributes: readAttributes(reader),
        ...readExpected(reader),
      };
    case opCodes['write-stream']:
      return { kind: 'write-stream', sequence, root, path, ...readExpected(reader) };
    case opCodes['patch-stream']:
      return { kind: 'patch-stream', sequence, root, path, baseSize: reader.whole(), ...readExpected(reader) };
    case opCodes.folder:
      return { kind: 'folder', sequence, root, path, attributes: readAttributes(reader) };
    case opCodes.symlink:
      return { kind: 'symlink', sequence, root, path, target: reader.linkText(), attributes: readAttributes(reader) };
    case opCodes.link:
      return { kind: 'link', sequence, root, path, existingRoot: reader.u16(), existing: reader.path() };
    case opCodes.attributes:
      return { kind: 'attributes', sequence, root, path, entry: readEntryKind(reader), attributes: readAttributes(reader) };
    case opCodes.rename:
      return { kind: 'rename', sequence, root, path, fromRoot: reader.u16(), from: reader.path() };
    case opCodes.remove:
      return {
        kind: 'remove',
        sequence,
        root,
        path,
        entry: readEntryKind(reader),
        isKept: reader.flag(),
        ...readExpected(reader),
      };
    case opCodes.orphan:
      return { kind: 'orphan', sequence, root, path, entry: readEntryKind(reader), size: reader.whole(), mtimeNs: reader.i64() };
    default:
      throw protocolError(`unknown op ${code}`);
  }
}

function readLabel(reader: ByteReader): CutLabel {
  const label = cutLabels[reader.u8()];
  if (label === undefined) throw protocolError('an unknown label of a cut');
  return label;
}

function readExpected(reader: ByteReader): { readonly expects?: ExpectedFile } {
  return reader.flag() ? { expects: { size: reader.whole(), mtimeNs: reader.i64() } } : {};
}

export function readAttributes(reader: ByteReader): Attributes {
  const mode = reader.u16();
  if (mode > 0o7777) throw protocolError('a mode holds more than permission bits');
  const attributes: Attributes = { mode, uid: reader.u32(), gid: reader.u32(), mtimeNs: reader.i64() };
  return reader.flag() ? { ...attributes, extended: readExtendedList(reader) } : attributes;
}

function readExtendedList(reader: ByteReader): ExtendedAttribute[] {
  const count = reader.u16();
  if (count * LEAST_EXTENDED_BYTES > reader.left) throw protocolError('a message counts more attributes than it holds');
  const list: ExtendedAttribute[] = [];
  let last = '';
  let total = 0;
  for (let i = 0; i < count; i++) {
    const name = reader.attributeName();
    if (name <= last) throw protocolError('extended attributes are out of order');
    last = name;
    const value = reader.bytes(MOST_EXTENDED_BYTES);
    total += name.length + value.length;
    if (total > MOST_EXTENDED_BYTES) throw protocolError('extended attributes are too large');
    list.push({ name, value });
  }
  return list;
}

/** A message of a target, or a part of one that the decoder of the link joins with the parts after it. */
export type TargetPart =
  | { readonly kind: 'whole'; readonly message: TargetMessage }
  | { readonly kind: 'listing-part'; readonly requestId: number; readonly entries: readonly ListedEntry[] }
  | { readonly kind: 'signatures-part'; readonly requestId: number };

/** Checks and reads one header from a target. Throws `protocol-error`. */
export function decodeTargetHeader(header: Buffer, payloadBytes: number): TargetPart {
  const reader = new ByteReader(header);
  const part = readTarget(reader);
  reader.finish();
  const isSignatures = part.kind === 'signatures-part' || (part.kind === 'whole' && part.message.kind === 'signatures');
  if (payloadBytes > 0 && !isSignatures) throw protocolError('an answer carries data that it does not explain');
  return part;
}

function readTarget(reader: ByteReader): TargetPart {
  const code = reader.u8();
  switch (code) {
    case targetCodes.welcome:
      return whole({
        kind: 'welcome',
        version: reader.u32(),
        receivedSequence: reader.whole(),
        appliedSequence: reader.whole(),
        nowMs: reader.whole(),
        reverted: reader.flag() ? reader.text(100) : null,
      });
    case targetCodes.refused:
      return whole({ kind: 'refused', ...readFailure(reader) });
    case targetCodes.taken:
      return whole({ kind: 'taken', bytes: reader.whole() });
    case targetCodes.ack:
      return whole({
        kind: 'ack',
        received: reader.whole(),
        applied: reader.whole(),
        queuedOps: reader.whole(),
        queuedBytes: reader.whole(),
        appliedBytes: reader.whole(),
        label: readLabel(reader),
      });
    case targetCodes.failed:
      return whole({ kind: 'failed', sequence: reader.whole(), root: reader.u16(), path: reader.path(), ...readFailure(reader) });
    case targetCodes.retrying:
      return whole({ kind: 'retrying', problem: reader.flag() ? readFailure(reader) : null });
    case targetCodes.signatures:
      return readSignatures(reader);
    case targetCodes.listing:
      return readListing(reader);
    case targetCodes.loss:
      return whole({ kind: 'loss', root: reader.u16(), loss: readLoss(reader) });
    case targetCodes.volumes: {
      const requestId = reader.u32();
      const roots = Array.from({ length: reader.count(LEAST_TRAITS_BYTES) }, () => readTraits(reader));
      return whole({ kind: 'volumes', requestId, roots });
    }
    case targetCodes.released:
      return whole({ kind: 'released' });
    case targetCodes.standing:
      return whole({ kind: 'standing', isHeld: reader.flag(), isFull: reader.flag() });
    default:
      throw protocolError(`unknown message ${code}`);
  }
}

function whole(message: TargetMessage): TargetPart {
  return { kind: 'whole', message };
}

function readSignatures(reader: ByteReader): TargetPart {
  const requestId = reader.u32();
  const isContinued = reader.flag();
  const files = new Array<{ size: number | null; blocks: number }>(reader.count(SIGNATURE_BYTES));
  for (let i = 0; i < files.length; i++) {
    const isThere = reader.flag();
    const size = reader.whole();
    const blocks = reader.u32();
    if (!isThere && (size > 0 || blocks > 0)) throw protocolError('a missing file has signatures');
    files[i] = { size: isThere ? size : null, blocks };
  }
  if (!isContinued) return whole({ kind: 'signatures', requestId, files });
  if (files.length > 0) throw protocolError('signatures that go on have no files yet');
  return { kind: 'signatures-part', requestId };
}

function readListing(reader: ByteReader): TargetPart {
  const requestId = reader.u32();
  const isContinued = reader.flag();
  const isThere = reader.flag();
  const entries = new Array<ListedEntry>(reader.count(LEAST_ENTRY_BYTES));
  const isOne = entries.length === 1 && !isContinued;
  for (let i = 0; i < entries.length; i++) entries[i] = readEntry(reader, isOne);
  if (!isThere && (entries.length > 0 || isContinued)) throw protocolError('a missing folder has entries');
  if (isContinued) return { kind: 'listing-part', requestId, entries };
  return whole({ kind: 'listing', requestId, entries: isThere ? entries : null });
}

/** `isOne`: it may be a root that is no folder, which has no name of its own. */
function readEntry(reader: ByteReader, isOne: boolean): ListedEntry {
  const name = reader.name(isOne);
  const kind = readEntryKind(reader);
  if (name === '' && kind === 'folder') throw protocolError('a folder has no name');
  return {
    name,
    kind,
    size: reader.whole(),
    attributes: readAttributes(reader),
    extendedHash: reader.i64(),
    linkTarget: reader.flag() ? reader.linkText() : null,
  };
}

function readEntryKind(reader: ByteReader): EntryKind {
  const code = reader.u8();
  const kind = entryKinds[code];
  if (kind === undefined) throw protocolError(`unknown kind of entry ${code}`);
  return kind;
}

function readLoss(reader: ByteReader): Loss {
  const loss = losses[reader.u8()];
  if (loss === undefined) throw protocolError('unknown loss');
  return loss;
}

function readTraits(reader: ByteReader): VolumeTraits {
  const fileSystem = reader.text(100);
  const isTried = reader.flag();
  const answers = volumeAbilities.map((ability): [VolumeAbility, AbilityAnswer] => {
    const answer = abilityAnswers[reader.u8()];
    if (answer === undefined) throw protocolError('unknown answer about a volume');
    return [ability, answer];
  });
  const abilities = Object.fromEntries(answers) as Record<VolumeAbility, AbilityAnswer>;
  return { fileSystem, isTried, abilities, nameBytes: reader.u16() };
}

function readFailure(reader: ByteReader): { code: ErrorCode; details: ErrorDetails } {
  const code = reader.text(100);
  if (!isErrorCode(code)) throw protocolError('unknown error code');
  return { code, details: readDetails(reader.text(MAX_DETAILS_BYTES)) };
}

function readDetails(text: string): ErrorDetails {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw protocolError('the details of an error cannot be read', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw protocolError('the details of an error are no facts');
  if (!areFacts(value)) throw protocolError('the details of an error are not plain');
  return value;
}

function areFacts(value: object): value is ErrorDetails {
  return Object.values(value).every(
    (item: unknown) => item === null || typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean',
  );
}
