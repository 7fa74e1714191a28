import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plainAttributes, type FakeSource, type UnnumberedOp } from './fake-source.ts';

/** Sends one op; its place in the story is its sequence. */
export type Step = (source: FakeSource) => void;

export function randomNumbers(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

/** Content of a version: one letter repeated, so that any mixture shows; the first bytes tell its length, so that any part shows. */
function contentOf(version: number): Buffer {
  const length = 16 + ((version * 7_919) % 30_000);
  const content = Buffer.alloc(length, 65 + (version % 26));
  content.write(String(length).padEnd(8), 0, 'latin1');
  return content;
}

/** Whether what is seen is one version, whole. */
function isWhole(content: Buffer): boolean {
  return Number(content.toString('latin1', 0, 8)) === content.length && content.subarray(8).every((byte) => byte === content[8]);
}

/** Makes a random story, and the tree that must stand at its end. */
export function makeStory(random: (below: number) => number, length: number): { steps: Step[]; expected: Map<string, Buffer> } {
  const steps: Step[] = [];
  const files = new Map<string, Buffer>();
  const folders = ['d0', 'd1', 'd2'];
  const step = (op: UnnumberedOp, payload?: Buffer) => steps.push((source) => void source.ops([op], payload));
  for (const path of ['', ...folders]) step({ kind: 'folder', root: 0, path, attributes: { ...plainAttributes, mode: 0o755 } });
  for (let version = 1; version <= length; version++) {
    const path = `${folders[random(folders.length)] ?? ''}/f${random(12)}`;
    const names = [...files.keys()];
    const known = names[random(Math.max(1, names.length))];
    const held = known === undefined ? undefined : files.get(known);
    const data = contentOf(version);
    const choice = random(8);
    if (choice === 0 && known !== undefined && held !== undefined && known !== path) {
      step({ kind: 'rename', root: 0, path, fromRoot: 0, from: known });
      files.set(path, held);
      files.delete(known);
    } else if (choice === 1 && known !== undefined) {
      step({ kind: 'remove', root: 0, path: known, entry: 'file', isKept: false });
      files.delete(known);
    } else if (choice === 2) {
      steps.push((source) => void source.stream(path, [[0, data]], data.length));
      files.set(path, data);
    } else if (choice === 3 && known !== undefined && held !== undefined) {
      steps.push((source) => void source.stream(known, [[0, data]], data.length, held.length));
      files.set(known, data);
    } else {
      step({ kind: 'write', root: 0, path, size: data.length, attributes: plainAttributes }, data);
      files.set(path, data);
    }
  }
  return { steps, expected: files };
}

export function readTree(root: string): Map<string, Buffer> {
  const tree = new Map<string, Buffer>();
  for (const folder of readdirSync(root)) {
    for (const name of readdirSync(join(root, folder))) tree.set(`${folder}/${name}`, readFileSync(join(root, folder, name)));
  }
  return tree;
}

/** Reads all that is visible while the target works; a file may vanish between two calls, but never be half there. */
export function findHalfWritten(root: string): string | null {
  for (const folder of attempt(() => readdirSync(root)) ?? []) {
    for (const name of attempt(() => readdirSync(join(root, folder))) ?? []) {
      const path = join(root, folder, name);
      const content = attempt(() => (lstatSync(path).isFile() ? readFileSync(path) : null));
      if (content !== null && !isWhole(content)) return `${path}: ${content.length} bytes, ${content.toString('latin1', 0, 20)}…`;
    }
  }
  return null;
}

function attempt<T>(call: () => T): T | null {
  try {
    return call();
  } catch {
    return null;
  }
}
