import { utimesSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { SourceStagesBench } from './source-stages.ts';
import { tempFolder } from './temp-folder.ts';

export const MEBIBYTE = 1024 * 1024;
/** Of a file, if nothing else is said. */
export const SIZE = 6 * MEBIBYTE;
const OLD = new Date(1_000_000_000_000);

/** The stages of a source over a folder with large files, which are sent in pieces. */
export class LargeFiles {
  readonly folder: string;
  readonly bench: SourceStagesBench;

  private constructor(folder: string, bench: SourceStagesBench) {
    this.folder = folder;
    this.bench = bench;
  }

  static async open(): Promise<LargeFiles> {
    const folder = tempFolder();
    return new LargeFiles(folder, await SourceStagesBench.open(folder));
  }

  write(name: string, text: string, size = SIZE): void {
    writeFileSync(`${this.folder}/${name}`, Buffer.alloc(size, text));
    utimesSync(`${this.folder}/${name}`, OLD, OLD);
  }

  /** Begins to send a file, and leaves it in the middle. */
  async halfSent(name: string, text = 'large'): Promise<void> {
    this.write(name, text);
    this.bench.touched(name, true);
    await this.bench.follow();
    for (let piece = 0; piece < 4; piece++) await this.bench.stages.transfers.step('live');
    expect(this.bench.stages.transfers.isMidFile).toBe(true);
  }

  async told(notice: () => void): Promise<void> {
    notice();
    await this.bench.follow();
  }

  /** Large files go to their end, and all that they left to be looked at again. */
  async toEnd(): Promise<void> {
    const { queue, transfers } = this.bench.stages;
    while (transfers.size > 0 || queue.ops > 0) {
      await this.bench.transfer('live');
      await this.bench.transfer('mirror');
      await this.bench.follow();
    }
    expect(this.bench.target.openStreams).toBe(0);
  }

  /** What the target got for a path. */
  opsOf(path: string): string[] {
    return this.bench.target.ops.filter((op) => 'path' in op && op.path === path).map(({ kind }) => kind);
  }

  /** Whether the target's file holds this text, over and over. */
  isText(name: string, text: string, size = SIZE): boolean {
    return this.bench.target.files.get(name)?.bytes.equals(Buffer.alloc(size, text)) === true;
  }
}
