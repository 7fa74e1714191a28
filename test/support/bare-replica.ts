import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  Applier,
  AttributeSetter,
  Flusher,
  makeStagePlaces,
  ReplicaPaths,
  Stage,
  type ApplyOutcome,
} from '../../src-main/engine/apply/index.ts';
import type { WireOp } from '../../src-main/engine/wire/index.ts';
import { tempFolder } from './temp-folder.ts';

/** Of what is applied. */
export const attributes = {
  mode: 0o640,
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  mtimeNs: 1_500_000_000_000_000_001n,
};

/** A replica at `base/replica` without links or queue: what is given is staged and applied. */
export function makeReplica(base = tempFolder(), roots = [join(base, 'replica')]) {
  const places = makeStagePlaces(roots, 'c1');
  const setter = new AttributeSetter(() => undefined);
  const flusher = new Flusher(places.volumes);
  const stage = new Stage(places, flusher, setter);
  const applier = new Applier({ paths: new ReplicaPaths(roots), stage, flusher, attributes: setter });
  let sequence = 0;
  const root = roots[0] ?? '';
  mkdirSync(root, { recursive: true });
  return {
    base,
    root,
    stage,
    flusher,
    applier,
    stageFolder: places.roots[0]?.folder ?? '',
    /** Applies an op; a `write` is staged with `content` before. */
    async apply(op: Partial<WireOp> & { kind: WireOp['kind'] }, content = '', isRepeat = false): Promise<ApplyOutcome> {
      const whole = { root: 0, path: '', attributes, sequence: ++sequence, size: content.length, ...op } as WireOp;
      if (whole.kind === 'write' && !isRepeat)
        stage.writeFile(whole.sequence, whole.root, [Buffer.from(content)], whole.attributes);
      return applier.apply({ op: whole, end: null }, isRepeat);
    },
    async patch(
      path: string,
      baseSize: number,
      blocks: [number, string][],
      size: number,
      isRepeat = false,
    ): Promise<ApplyOutcome> {
      const op: WireOp = { kind: 'patch-stream', sequence: ++sequence, root: 0, path, baseSize };
      stage.openStream(sequence, 0, true);
      for (const [offset, text] of blocks) stage.writeStream(sequence, offset, [Buffer.from(text)]);
      const { bytes } = stage.endStream(sequence, sequence, { size, attributes });
      return applier.apply({ op, end: { isWhole: true, size, attributes, bytes } }, isRepeat);
    },
  };
}

export const applied = { kind: 'applied' };
export const failed = (code: string) =>
  expect.objectContaining({ kind: 'failed', error: expect.objectContaining({ code }) as Error }) as ApplyOutcome;
