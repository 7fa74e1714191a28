import { ReplicationError } from '../../base/index.ts';

/** What a peer sent breaks the protocol; `text` says how, for the log and the operator. */
export function protocolError(text: string, cause?: unknown): ReplicationError {
  return new ReplicationError('protocol-error', { text }, cause === undefined ? undefined : { cause });
}

const DOT = 46;
const SLASH = 47;

/** Reads the fields of one header and checks each; every failure is a `protocol-error`. Nothing is allocated before it is known to be there. */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** Claims that everything was read. */
  finish(): void {
    if (this.#at !== this.#end) throw protocolError('a message is longer than its content');
  }

  get left(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    this.#need(1);
    return this.#bytes.readUInt8(this.#at++);
  }

  flag(): boolean {
    const value = this.u8();
    if (value > 1) throw protocolError('a yes-or-no field holds neither');
    return value === 1;
  }

  u16(): number {
    this.#need(2);
    const value = this.#bytes.readUInt16LE(this.#at);
    this.#at += 2;
    return value;
  }

  u32(): number {
    this.#need(4);
    const value = this.#bytes.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  whole(): number {
    this.#need(8);
    const low = this.#bytes.readUInt32LE(this.#at);
    const high = this.#bytes.readUInt32LE(this.#at + 4);
    if (high > 0x1f_ffff) throw protocolError('a number is larger than 2^53');
    this.#at += 8;
    return high * 0x1_0000_0000 + low;
  }

  i64(): bigint {
    this.#need(8);
    const value = this.#bytes.readBigInt64LE(this.#at);
    this.#at += 8;
    return value;
  }

  /** A count of items that take at least `leastBytes` each, so that a false count cannot make us allocate. */
  count(leastBytes: number): number {
    const value = this.u32();
    if (value * leastBytes > this.left) throw protocolError('a message counts more items than it holds');
    return value;
  }

  /** The raw text of a symlink: 1..4095 bytes, no NUL. */
  linkText(): string {
    const [start, end] = this.#span();
    if (end === start || end - start > 4095) throw protocolError('a symlink has no text or too much');
    for (let i = start; i < end; i++) if (this.#bytes[i] === 0) throw protocolError('a symlink holds a zero byte');
    return this.#bytes.toString('latin1', start, end);
  }

  /** The name of an extended attribute: 1..255 bytes, no NUL. */
  attributeName(): string {
    const [start, end] = this.#span();
    if (end === start || end - start > 255) throw protocolError('an extended attribute has no name or too long a one');
    for (let i = start; i < end; i++) if (this.#bytes[i] === 0) throw protocolError('the name of an attribute holds a zero byte');
    return this.#bytes.toString('latin1', start, end);
  }

  /** A copy of bytes that follow their length. */
  bytes(mostBytes: number): Buffer {
    const length = this.u32();
    if (length > mostBytes) throw protocolError('a value is too long');
    this.#need(length);
    const copy = Buffer.from(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return copy;
  }

  /** A single name of a folder entry; '' only where `mayBeEmpty`. */
  name(mayBeEmpty = false): string {
    const [start, end] = this.#span();
    if (start === end && mayBeEmpty) return '';
    if (start === end) throw protocolError('a name is empty');
    for (let i = start; i < end; i++) if (this.#bytes[i] === SLASH) throw protocolError('a name holds a slash');
    this.#checkPath(start, end);
    return this.#bytes.toString('latin1', start, end);
  }

  /** A path below a root, '' for the root: no empty name, no `.` or `..`, no NUL, no leading or trailing slash. */
  path(): string {
    const [start, end] = this.#span();
    if (start !== end) this.#checkPath(start, end);
    return this.#bytes.toString('latin1', start, end);
  }

  text(mostBytes: number): string {
    const [start, end] = this.#span();
    if (end - start > mostBytes) throw protocolError('a text is too long');
    return this.#bytes.toString('utf8', start, end);
  }

  #span(): readonly [number, number] {
    const length = this.u16();
    this.#need(length);
    const start = this.#at;
    this.#at += length;
    return [start, this.#at];
  }

  #checkPath(start: number, end: number): void {
    const bytes = this.#bytes;
    let nameStart = start;
    for (let i = start; i <= end; i++) {
      const code = i === end ? SLASH : bytes[i];
      if (code === 0) throw protocolError('a path holds a zero byte');
      if (code !== SLASH) continue;
      const length = i - nameStart;
      if (length === 0) throw protocolError('a path holds an empty name');
      if (bytes[nameStart] === DOT && (length === 1 || (length === 2 && bytes[nameStart + 1] === DOT))) {
        throw protocolError('a path holds . or ..');
      }
      nameStart = i + 1;
    }
  }

  #need(length: number): void {
    if (this.#at + length > this.#end) throw protocolError('a message ends in the middle');
  }
}
