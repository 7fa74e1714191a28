import { closeSync, constants, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { codedError } from '../fs/index.ts';

const BYTES = 40;
const CHECKED_BYTES = 36;

/** The last cut that a queue's ops reached, and whether a group was begun since. Sequences of ops; 0 for none. */
export interface CutRecord {
  readonly cutSequence: number;
  /** ms since 1970, the source's clock. */
  readonly cutAtMs: number;
  readonly isPointInTime: boolean;
  /** The `group-begin` that was applied and whose end was not; 0 outside of a group. */
  readonly openSequence: number;
  /** A hold has taken effect: nothing was applied since. */
  readonly isHeld: boolean;
  /** The cut is one at which the source paused. */
  readonly isPause: boolean;
  /** The source has said that the next cut will be one. */
  readonly isPauseNext: boolean;
}

/** No cut, and no group begun. */
export const NO_CUT: CutRecord = {
  cutSequence: 0,
  cutAtMs: 0,
  isPointInTime: false,
  openSequence: 0,
  isHeld: false,
  isPause: false,
  isPauseNext: false,
};

/**
 * Where the replica stands among its groups, exact to one op through a kill of the process: one record, rewritten in the page cache at
 * each begin and end, and when a hold takes effect. A stop of the machine may leave an older or a torn one, which counts as none: the label is then the lower one.
 */
export class CutFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(BYTES);
  record: CutRecord;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
    this.record = this.#read();
  }

  /** Opens or creates the file. Throws coded errors of the disk. */
  static open(path: string): CutFile {
    try {
      return new CutFile(path, openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
    } catch (error) {
      throw codedError(error, path);
    }
  }

  set(record: CutRecord): void {
    this.record = record;
    this.#bytes.writeDoubleLE(record.cutSequence, 0);
    this.#bytes.writeDoubleLE(record.cutAtMs, 8);
    this.#bytes.writeDoubleLE(record.openSequence, 16);
    this.#bytes.writeUInt8(record.isPointInTime ? 1 : 0, 24);
    this.#bytes.writeUInt8(record.isHeld ? 1 : 0, 25);
    // Records of versions that did not know these two have zeros there.
    this.#bytes.writeUInt8(record.isPause ? 1 : 0, 26);
    this.#bytes.writeUInt8(record.isPauseNext ? 1 : 0, 27);
    this.#bytes.writeUInt32LE(crc32(this.#bytes.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
    try {
      writeSync(this.#fd, this.#bytes, 0, BYTES, 0);
    } catch (error) {
      throw codedError(error, this.#path);
    }
  }

  close(): void {
    fdatasyncSync(this.#fd);
    closeSync(this.#fd);
  }

  #read(): CutRecord {
    const bytes = this.#bytes;
    if (readSync(this.#fd, bytes, 0, BYTES, 0) < BYTES) return NO_CUT;
    if (bytes.readUInt32LE(CHECKED_BYTES) !== crc32(bytes.subarray(0, CHECKED_BYTES))) return NO_CUT;
    return {
      cutSequence: bytes.readDoubleLE(0),
      cutAtMs: bytes.readDoubleLE(8),
      openSequence: bytes.readDoubleLE(16),
      isPointInTime: bytes.readUInt8(24) === 1,
      isHeld: bytes.readUInt8(25) === 1,
      isPause: bytes.readUInt8(26) === 1,
      isPauseNext: bytes.readUInt8(27) === 1,
    };
  }
}
