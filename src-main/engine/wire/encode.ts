import { assertNever, invariant, type ErrorCode, type ErrorDetails } from '../../base/index.ts';
import { abilityAnswers, losses, volumeAbilities, type Attributes, type VolumeTraits } from '../model/index.ts';
import { ByteWriter } from './byte-writer.ts';
import { entryCodes, labelCodes, opCodes, sourceCodes, targetCodes } from './codes.ts';
import {
  isMark,
  MAX_HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  type ExpectedFile,
  type ListedEntry,
  type SourceMessage,
  type TargetMessage,
  type WireOp,
} from './messages.ts';

const FRAME_BYTES = 8;
/** A listing is cut into frames of about this much; well under MAX_HEADER_BYTES. */
const LISTING_PART_BYTES = 256 * 1024;
const LISTING_PART_ENTRIES = 8192;

/** The frames of a message, to be written in this order; the payload is passed on without a copy and must not change until it is written. */
export function encodeSource(message: SourceMessage, payload?: Uint8Array): Buffer[] {
  const writer = startFrame(message.kind === 'ops' ? 64 + message.ops.length * 96 : 128, sourceCodes[message.kind]);
  switch (message.kind) {
    case 'hello':
      writer.u32(message.version);
      writer.text(message.connectionId);
      break;
    case 'ops':
      writer.u32(message.ops.length);
      for (const op of message.ops) writeOp(writer, op);
      break;
    case 'data':
      writer.whole(message.stream);
      writer.whole(message.offset);
      break;
    case 'stream':
      writer.whole(message.stream);
      writer.u16(message.root);
      writer.flag(message.isPatch);
      break;
    case 'data-end':
      writer.whole(message.stream);
      writer.whole(message.sequence);
      writer.whole(message.size);
      writeAttributes(writer, message.attributes);
      break;
    case 'data-drop':
      writer.whole(message.stream);
      break;
    case 'get-signatures':
      writer.u32(message.requestId);
      writer.u32(message.files.length);
      for (const { root, path } of message.files) writePlace(writer, root, path);
      break;
    case 'owner-names':
      writer.flag(message.byName);
      writer.u32(message.owners.length);
      for (const { kind, id, name } of message.owners) {
        writer.flag(kind === 'group');
        writer.u32(id);
        writer.text(name);
      }
      break;
    case 'get-volumes':
      writer.u32(message.requestId);
      break;
    case 'get-listing':
      writer.u32(message.requestId);
      writePlace(writer, message.root, message.path);
      break;
    case 'whole':
      writer.flag(message.isWhole);
      break;
    case 'orphan-search':
      writer.flag(message.phase === 'end');
      break;
    case 'release':
    case 'alive':
    case 'hold-noted':
      break;
    default:
      return assertNever(message);
  }
  return finishFrame(writer, payload);
}

/** As `encodeSource`. A listing or signatures too large for one frame become several, which the decoder joins again. */
export function encodeTarget(message: TargetMessage, payload?: Uint8Array): Buffer[] {
  if (message.kind === 'listing') return encodeListing(message.requestId, message.entries);
  if (message.kind === 'signatures') return encodeSignatures(message, payload ?? new Uint8Array(0));
  const writer = startFrame(128, targetCodes[message.kind]);
  switch (message.kind) {
    case 'welcome':
      writer.u32(message.version);
      writer.whole(message.receivedSequence);
      writer.whole(message.appliedSequence);
      writer.whole(message.nowMs);
      writer.flag(message.reverted !== null);
      if (message.reverted !== null) writer.text(message.reverted);
      break;
    case 'refused':
      writeFailure(writer, message);
      break;
    case 'ack':
      writer.whole(message.received);
      writer.whole(message.applied);
      writer.whole(message.queuedOps);
      writer.whole(message.queuedBytes);
      writer.whole(message.appliedBytes);
      writer.u8(labelCodes[message.label]);
      break;
    case 'taken':
      writer.whole(message.bytes);
      break;
    case 'failed':
      writer.whole(message.sequence);
      writePlace(writer, message.root, message.path);
      writeFailure(writer, message);
      break;
    case 'retrying':
      writer.flag(message.problem !== null);
      if (message.problem !== null) writeFailure(writer, message.problem);
      break;
    case 'loss':
      writer.u16(message.root);
      writer.u8(losses.indexOf(message.loss));
      break;
    case 'volumes':
      writer.u32(message.requestId);
      writer.u32(message.roots.length);
      for (const traits of message.roots) writeTraits(writer, traits);
      break;
    case 'standing':
      writer.flag(message.isHeld);
      writer.flag(message.isFull);
      break;
    case 'released':
      break;
    default:
      return assertNever(message);
  }
  return finishFrame(writer, payload);
}

/** One op in the bytes that it has on the wire and in the target's queue. */
export function writeOp(writer: ByteWriter, op: WireOp): void {
  writer.u8(opCodes[op.kind]);
  writer.whole(op.sequence);
  if (isMark(op)) {
    if (op.kind !== 'group-end') return;
    writer.whole(op.atMs);
    writer.u8(labelCodes[op.label]);
    return;
  }
  writePlace(writer, op.root, op.path);
  switch (op.kind) {
    case 'write':
      writer.whole(op.size);
      writeAttributes(writer, op.attributes);
      writeExpected(writer, op.expects);
      return;
    case 'write-stream':
      writeExpected(writer, op.expects);
      return;
    case 'patch-stream':
      writer.whole(op.baseSize);
      writeExpected(writer, op.expects);
      return;
    case 'folder':
      writeAttributes(writer, op.attributes);
      return;
    case 'symlink':
      writer.raw(op.target);
      writeAttributes(writer, op.attributes);
      return;
    case 'link':
      writePlace(writer, op.existingRoot, op.existing);
      return;
    case 'attributes':
      writer.u8(entryCodes[op.entry]);
      writeAttributes(writer, op.attributes);
      return;
    case 'rename':
      writePlace(writer, op.fromRoot, op.from);
      return;
    case 'remove':
      writer.u8(entryCodes[op.entry]);
      writer.flag(op.isKept);
      writeExpected(writer, op.expects);
      return;
    case 'orphan':
      writer.u8(entryCodes[op.entry]);
      writer.whole(op.size);
      writer.i64(op.mtimeNs);
      return;
    default:
      return assertNever(op);
  }
}

function writeExpected(writer: ByteWriter, expects: ExpectedFile | undefined): void {
  writer.flag(expects !== undefined);
  if (expects === undefined) return;
  writer.whole(expects.size);
  writer.i64(expects.mtimeNs);
}

export function writeAttributes(writer: ByteWriter, { mode, uid, gid, mtimeNs, extended }: Attributes): void {
  writer.u16(mode);
  writer.u32(uid);
  writer.u32(gid);
  writer.i64(mtimeNs);
  writer.flag(extended !== undefined);
  if (extended === undefined) return;
  writer.u16(extended.length);
  for (const { name, value } of extended) {
    writer.raw(name);
    writer.bytes(value);
  }
}

function writePlace(writer: ByteWriter, root: number, path: string): void {
  writer.u16(root);
  writer.raw(path);
}

function writeTraits(writer: ByteWriter, { fileSystem, isTried, abilities, nameBytes }: VolumeTraits): void {
  writer.text(fileSystem);
  writer.flag(isTried);
  for (const ability of volumeAbilities) writer.u8(abilityAnswers.indexOf(abilities[ability]));
  writer.u16(nameBytes);
}

function writeFailure(writer: ByteWriter, { code, details }: { code: ErrorCode; details: ErrorDetails }): void {
  writer.text(code);
  writer.text(JSON.stringify(details));
}

function encodeListing(requestId: number, entries: readonly ListedEntry[] | null): Buffer[] {
  const frames: Buffer[] = [];
  const all = entries ?? [];
  let next = 0;
  do {
    const items = new ByteWriter(16 * 1024);
    const first = next;
    for (const entry of all.slice(next, next + LISTING_PART_ENTRIES)) {
      if (items.length > LISTING_PART_BYTES) break;
      writeEntry(items, entry);
      next++;
    }
    const writer = startFrame(64 + items.length, targetCodes.listing);
    writer.u32(requestId);
    writer.flag(next < all.length);
    writer.flag(entries !== null);
    writer.u32(next - first);
    frames.push(...finishFrame(writer, undefined, items.taken()));
  } while (next < all.length);
  return frames;
}

function writeEntry(writer: ByteWriter, entry: ListedEntry): void {
  writer.raw(entry.name);
  writer.u8(entryCodes[entry.kind]);
  writer.whole(entry.size);
  writeAttributes(writer, entry.attributes);
  writer.i64(entry.extendedHash);
  writer.flag(entry.linkTarget !== null);
  if (entry.linkTarget !== null) writer.raw(entry.linkTarget);
}

function encodeSignatures(message: Extract<TargetMessage, { kind: 'signatures' }>, payload: Uint8Array): Buffer[] {
  const frames: Buffer[] = [];
  let from = 0;
  let isLast: boolean;
  do {
    const part = payload.subarray(from, from + MAX_PAYLOAD_BYTES);
    from += part.length;
    isLast = from >= payload.length;
    const writer = startFrame(64 + message.files.length * 13, targetCodes.signatures);
    writer.u32(message.requestId);
    writer.flag(!isLast);
    writer.u32(isLast ? message.files.length : 0);
    if (isLast) {
      for (const { size, blocks } of message.files) {
        writer.flag(size !== null);
        writer.whole(size ?? 0);
        writer.u32(blocks);
      }
    }
    frames.push(...finishFrame(writer, part));
  } while (!isLast);
  return frames;
}

function startFrame(expectedBytes: number, code: number): ByteWriter {
  const writer = new ByteWriter(expectedBytes);
  writer.u32(0);
  writer.u32(0);
  writer.u8(code);
  return writer;
}

/** `more` is header content that was written apart, because its count stands before it. */
function finishFrame(writer: ByteWriter, payload?: Uint8Array, more?: Buffer): Buffer[] {
  const header = writer.taken();
  const headerBytes = header.length - FRAME_BYTES + (more?.length ?? 0);
  const payloadBytes = payload?.length ?? 0;
  invariant(headerBytes <= MAX_HEADER_BYTES && payloadBytes <= MAX_PAYLOAD_BYTES, 'a frame stays within its limits');
  header.writeUInt32LE(headerBytes, 0);
  header.writeUInt32LE(payloadBytes, 4);
  const frame = [header];
  if (more !== undefined) frame.push(more);
  if (payload !== undefined && payloadBytes > 0) {
    frame.push(Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
  }
  return frame;
}
