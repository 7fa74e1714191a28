import { closeSync, constants, fdatasyncSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

const BOOT_BYTES = 40;
const FILE_BYTES = 8 + BOOT_BYTES;
const CLEAN = 'clean';

/**
 * How far the queue was applied, kept exact to one op through a kill of the process: eight bytes rewritten in the page cache after
 * each op. A restart of the machine may lose or outrun it; then the flushed marks of the segments count.
 */
export class Progress {
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(8);
  /** How the file was left: by a clean stop, by a kill while the machine went on, or unknown (the machine stopped). */
  readonly left: 'clean' | 'killed' | 'unknown';
  appliedSequence: number;

  private constructor(fd: number, appliedSequence: number, left: 'clean' | 'killed' | 'unknown') {
    this.#fd = fd;
    this.appliedSequence = appliedSequence;
    this.left = left;
  }

  /** Opens or creates the file. `bootId` names this start of the machine. */
  static open(path: string, bootId: string | null): Progress {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const bytes = Buffer.alloc(FILE_BYTES);
    const isNew = readSync(fd, bytes, 0, FILE_BYTES, 0) < FILE_BYTES;
    const writtenIn = bytes.toString('latin1', 8).replaceAll('\0', '');
    const left = isNew || writtenIn === CLEAN ? 'clean' : bootId !== null && writtenIn === bootId ? 'killed' : 'unknown';
    const progress = new Progress(fd, Number(bytes.readBigUInt64LE(0)), left);
    progress.#writeBoot(bootId ?? '');
    return progress;
  }

  set(sequence: number): void {
    this.appliedSequence = sequence;
    const high = Math.floor(sequence / 0x1_0000_0000);
    this.#bytes.writeUInt32LE(sequence - high * 0x1_0000_0000, 0);
    this.#bytes.writeUInt32LE(high, 4);
    writeSync(this.#fd, this.#bytes, 0, 8, 0);
  }

  /** After a clean stop the figure is exact whatever happens to the machine. The caller has flushed what was applied. */
  close(isClean: boolean): void {
    if (isClean) this.#writeBoot(CLEAN);
    closeSync(this.#fd);
  }

  #writeBoot(text: string): void {
    const bytes = Buffer.alloc(BOOT_BYTES);
    bytes.write(text, 0, 'latin1');
    this.set(this.appliedSequence);
    writeSync(this.#fd, bytes, 0, BOOT_BYTES, 8);
    fdatasyncSync(this.#fd);
  }
}

/** Names this start of the machine; null where the system gives none: a start of the machine then cannot be told from a kill and is assumed. */
export function readBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return null;
  }
}
