import { invariant } from '../../base/index.ts';

/** Writes the fields of one header, little endian, into a buffer that grows. The caller gives only values that fit: anything else is our bug. */
export class ByteWriter {
  #bytes: Buffer;
  #end = 0;

  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes);
  }

  /** The bytes written so far; valid until the next write. */
  taken(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  get length(): number {
    return this.#end;
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#end++] = value;
  }

  flag(value: boolean): void {
    this.u8(value ? 1 : 0);
  }

  u16(value: number): void {
    invariant(value >= 0 && value <= 0xffff, 'a u16 field is 0..65535');
    this.#room(2);
    this.#bytes[this.#end++] = value & 0xff;
    this.#bytes[this.#end++] = value >>> 8;
  }

  u32(value: number): void {
    this.#room(4);
    this.#end = this.#bytes.writeUInt32LE(value, this.#end);
  }

  /** A count, size or sequence: 0..2^53-1 in eight bytes. */
  whole(value: number): void {
    invariant(Number.isSafeInteger(value) && value >= 0, 'a whole number is 0..2^53-1');
    this.#room(8);
    const high = Math.floor(value / 0x1_0000_0000);
    this.#bytes.writeUInt32LE(value - high * 0x1_0000_0000, this.#end);
    this.#end = this.#bytes.writeUInt32LE(high, this.#end + 4);
  }

  i64(value: bigint): void {
    this.#room(8);
    this.#end = this.#bytes.writeBigInt64LE(value, this.#end);
  }

  /** A name or path: one byte per character. */
  raw(value: string): void {
    const { length } = value;
    this.u16(length);
    this.#room(length);
    const bytes = this.#bytes;
    let end = this.#end;
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      seen |= code;
      bytes[end++] = code;
    }
    invariant(seen <= 0xff, 'names travel raw, one character per byte');
    this.#end = end;
  }

  /** Bytes after their length. */
  bytes(value: Uint8Array): void {
    this.u32(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
  }

  /** Text for people. */
  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.u16(bytes.length);
    this.#room(bytes.length);
    this.#end += bytes.copy(this.#bytes, this.#end);
  }

  #room(more: number): void {
    const needed = this.#end + more;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}
