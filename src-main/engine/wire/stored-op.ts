import { assertNever } from '../../base/index.ts';
import type { Attributes } from '../model/index.ts';
import { ByteReader, protocolError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readAttributes, readOp } from './decode.ts';
import { writeAttributes, writeOp } from './encode.ts';
import type { WireOp } from './messages.ts';

/** How a stream ended: the facts that its op did not have when it was sent. */
export interface StreamEnd {
  readonly isWhole: boolean;
  readonly size: number;
  readonly attributes: Attributes;
  /** How much data came for it. */
  readonly bytes: number;
}

/** An op as a target keeps it: complete, its data staged. `end` only for streams. */
export interface StoredOp {
  readonly op: WireOp;
  readonly end: StreamEnd | null;
}

/** The bytes of an op in a target's queue. Its fields are as on the wire; a change of them needs a migration of queues too. */
export function encodeStoredOp({ op, end }: StoredOp): Buffer {
  const writer = new ByteWriter(96);
  writer.flag(end !== null);
  if (end !== null) {
    writer.flag(end.isWhole);
    writer.whole(end.size);
    writeAttributes(writer, end.attributes);
    writer.whole(end.bytes);
  }
  writeOp(writer, op);
  return writer.taken();
}

/** Throws `protocol-error` for bytes that `encodeStoredOp` does not write. */
export function decodeStoredOp(bytes: Buffer): StoredOp {
  const reader = new ByteReader(bytes);
  const end = reader.flag()
    ? { isWhole: reader.flag(), size: reader.whole(), attributes: readAttributes(reader), bytes: reader.whole() }
    : null;
  const op = readOp(reader);
  reader.finish();
  if ((end !== null) !== isStream(op)) throw protocolError('a stored op does not fit its end');
  return { op, end };
}

export function isStream(op: WireOp): op is Extract<WireOp, { kind: 'write-stream' | 'patch-stream' }> {
  switch (op.kind) {
    case 'write-stream':
    case 'patch-stream':
      return true;
    case 'write':
    case 'folder':
    case 'symlink':
    case 'link':
    case 'attributes':
    case 'rename':
    case 'remove':
    case 'orphan':
    case 'barrier':
    case 'group-begin':
    case 'group-end':
      return false;
    default:
      return assertNever(op);
  }
}
