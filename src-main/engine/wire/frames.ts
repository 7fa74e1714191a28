import { protocolError } from './byte-reader.ts';
import { COMPRESSED, expandPayload } from './compressed-payload.ts';
import { decodeSourceHeader, decodeTargetHeader, type TargetPart } from './decode.ts';
import { MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, type ListedEntry, type SourceMessage, type TargetMessage } from './messages.ts';

const PREFIX_BYTES = 8;
/** What joined answers may reach: a folder of ten million entries, the hashes of a file of one tebibyte. */
const MAX_LISTED_ENTRIES = 10_000_000;
const MAX_JOINED_BYTES = 256 * 1024 * 1024;
const nothing = Buffer.alloc(0);

/** A message with the data of its frame. What it holds stays valid. */
export class Received<M> {
  readonly message: M;
  /** The data as they came, in order: views into what was fed. */
  readonly parts: readonly Buffer[];
  #joined: Buffer | undefined;

  constructor(message: M, parts: readonly Buffer[]) {
    this.message = message;
    this.parts = parts;
  }

  /** The data in one piece: a view where they came in one chunk, else a copy. Large data are better taken in parts. */
  get payload(): Buffer {
    return (this.#joined ??= join(this.parts));
  }
}

/** Turns a header and the data behind it into a message; null when it was only a part of one. */
type Decode<M> = (header: Buffer, parts: readonly Buffer[], payloadBytes: number) => Received<M> | null;

interface FrameSizes {
  readonly headerBytes: number;
  /** As it travels. */
  readonly payloadBytes: number;
  readonly isCompressed: boolean;
}

/** Cuts a byte stream into messages. After a throw (`protocol-error`) the stream is beyond repair: close the link. */
export class FrameDecoder<M> {
  readonly #decode: Decode<M>;
  readonly #takesCompressed: boolean;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  /** The sizes of the frame that is coming in, once its first bytes are there. */
  #frame: FrameSizes | null = null;

  constructor(decode: Decode<M>, { takesCompressed = false } = {}) {
    this.#decode = decode;
    this.#takesCompressed = takesCompressed;
  }

  feed(chunk: Buffer): Received<M>[] {
    const messages: Received<M>[] = [];
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    for (;;) {
      const frame = (this.#frame ??= this.#readSizes());
      if (frame === null || this.#heldBytes < frame.headerBytes + frame.payloadBytes) return messages;
      this.#frame = null;
      const header = join(this.#take(frame.headerBytes));
      let parts = this.#take(frame.payloadBytes);
      if (frame.isCompressed) parts = [expandPayload(join(parts))];
      const received = this.#decode(
        header,
        parts,
        parts.reduce((sum, part) => sum + part.length, 0),
      );
      if (received !== null) messages.push(received);
    }
  }

  /** Checked before anything of that size is waited for. */
  #readSizes(): FrameSizes | null {
    if (this.#heldBytes < PREFIX_BYTES) return null;
    const prefix = join(this.#take(PREFIX_BYTES));
    const headerBytes = prefix.readUInt32LE(0);
    const lengthField = prefix.readUInt32LE(4);
    const isCompressed = this.#takesCompressed && lengthField >= COMPRESSED;
    const payloadBytes = isCompressed ? lengthField - COMPRESSED : lengthField;
    if (headerBytes > MAX_HEADER_BYTES || payloadBytes > MAX_PAYLOAD_BYTES) throw protocolError('a frame is larger than allowed');
    return { headerBytes, payloadBytes, isCompressed };
  }

  /** Takes bytes that are there off the front, without a copy. */
  #take(length: number): Buffer[] {
    if (length === 0) return [];
    this.#heldBytes -= length;
    const parts: Buffer[] = [];
    let left = length;
    let used = 0;
    for (const chunk of this.#chunks) {
      if (chunk.length > left) {
        parts.push(chunk.subarray(0, left));
        this.#chunks[used] = chunk.subarray(left);
        break;
      }
      parts.push(chunk);
      left -= chunk.length;
      used++;
      if (left === 0) break;
    }
    this.#chunks.splice(0, used);
    return parts;
  }
}

function join(parts: readonly Buffer[]): Buffer {
  const [first = nothing] = parts;
  return parts.length > 1 ? Buffer.concat(parts) : first;
}

/** Reads what a source sends; used by targets. */
export function sourceDecoder(): FrameDecoder<SourceMessage> {
  return new FrameDecoder((header, parts, payloadBytes) => new Received(decodeSourceHeader(header, payloadBytes), parts), {
    takesCompressed: true,
  });
}

/** Reads what a target sends, joining answers that came in several frames; used by sources. */
export function targetDecoder(): FrameDecoder<TargetMessage> {
  const joiner = new AnswerJoiner();
  return new FrameDecoder((header, parts, payloadBytes) => joiner.take(decodeTargetHeader(header, payloadBytes), parts));
}

/** The parts of an answer come one after the other, with nothing of the same kind between. */
class AnswerJoiner {
  #listing: { readonly requestId: number; readonly entries: ListedEntry[] } | null = null;
  #signatures: { readonly requestId: number; readonly parts: Buffer[]; bytes: number } | null = null;

  take(part: TargetPart, parts: readonly Buffer[]): Received<TargetMessage> | null {
    switch (part.kind) {
      case 'listing-part':
        this.#addEntries(part.requestId, part.entries);
        return null;
      case 'signatures-part':
        this.#addHashes(part.requestId, parts);
        return null;
      case 'whole':
        return this.#finish(part.message, parts);
    }
  }

  #finish(message: TargetMessage, parts: readonly Buffer[]): Received<TargetMessage> {
    if (message.kind === 'listing' && this.#listing !== null) {
      const { entries } = this.#addEntries(message.requestId, message.entries ?? []);
      this.#listing = null;
      return new Received<TargetMessage>({ ...message, entries }, []);
    }
    if (message.kind === 'signatures') {
      const hashes = this.#addHashes(message.requestId, parts);
      this.#signatures = null;
      const blocks = message.files.reduce((sum, file) => sum + file.blocks, 0);
      if (blocks * 16 !== hashes.bytes) throw protocolError('signatures count other blocks than they carry');
      return new Received<TargetMessage>(message, hashes.parts);
    }
    return new Received(message, parts);
  }

  #addEntries(requestId: number, entries: readonly ListedEntry[]): { readonly entries: ListedEntry[] } {
    this.#listing ??= { requestId, entries: [] };
    const joined = this.#listing.entries;
    if (this.#listing.requestId !== requestId) throw protocolError('the parts of two listings are mixed');
    if (joined.length + entries.length > MAX_LISTED_ENTRIES) throw protocolError('a listing is larger than allowed');
    for (const entry of entries) joined.push(entry);
    return this.#listing;
  }

  #addHashes(requestId: number, parts: readonly Buffer[]): { readonly parts: Buffer[]; readonly bytes: number } {
    this.#signatures ??= { requestId, parts: [], bytes: 0 };
    const joined = this.#signatures;
    if (joined.requestId !== requestId) throw protocolError('the parts of two signatures are mixed');
    for (const part of parts) {
      joined.parts.push(part);
      joined.bytes += part.length;
    }
    if (joined.bytes > MAX_JOINED_BYTES) throw protocolError('signatures are larger than allowed');
    return joined;
  }
}
