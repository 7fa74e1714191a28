import { invariant } from '../../../../base/index.ts';
import { isSameObject, type Catalog } from '../../../catalog/index.ts';
import type { Outbox, Requests } from '../../../transmit/index.ts';
import type { BlockComparer } from '../block-comparer.ts';
import type { ChangedRanges } from '../changed-ranges.ts';
import { expectedFile } from '../expected-file.ts';
import { DELTA_BYTES, MOST_COMPARED_BYTES } from '../file-content.ts';
import { bytesIn } from '../file-pieces.ts';
import { streamFile } from '../file-stream.ts';
import type { Cause } from '../source-tree.ts';
import { toEnd } from '../steps.ts';
import type { Patch } from '../transfer.ts';
import type { FileCopy } from './instant-copies.ts';

export interface CopySenderParts {
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly requests: Requests;
  readonly comparer: BlockComparer;
  readonly changedRanges: ChangedRanges;
  readonly epoch: () => number;
  readonly drain: () => Promise<void>;
}

/** Sends files as they were when they were copied. */
export class CopySender {
  readonly #parts: CopySenderParts;

  constructor(parts: CopySenderParts) {
    this.#parts = parts;
  }

  /**
   * What of the copy must be sent; null: all of it. May ask the target, which answers only outside a group. All that was recorded of writes
   * until the copy must have been told by now.
   */
  async plan({ place, stat, content, reading }: FileCopy): Promise<Patch | null> {
    const { catalog, changedRanges, comparer, outbox, requests } = this.#parts;
    const row = catalog.lookup(place);
    if (row === null || row.trust === 'nothing' || content.kind === 'bytes') return null;
    const ranges = changedRanges.where(reading);
    if (ranges !== null && row.trust === 'known' && isSameObject(row, stat) && stat.size >= row.size)
      return { baseSize: row.size, changed: ranges, isRecorded: true };
    const isComparable = Math.min(row.size, stat.size) >= DELTA_BYTES && stat.size <= MOST_COMPARED_BYTES;
    if (!isComparable || requests.isTargetHeld) return null;
    outbox.flush();
    const [signature] = await requests.signatures([place]);
    if (signature === undefined || signature === null) return null;
    const changed = await toEnd(comparer.compare(content.fd, stat.size, signature), this.#parts.drain);
    return bytesIn(changed) * 2 > stat.size ? null : { baseSize: signature.size, changed, isRecorded: false };
  }

  async send(copy: FileCopy, patch: Patch | null, cause: Cause): Promise<void> {
    await this.#send(copy, patch, cause);
    this.#parts.changedRanges.sent(copy.reading);
  }

  async #send(copy: FileCopy, patch: Patch | null, cause: Cause): Promise<void> {
    const { catalog, outbox, epoch } = this.#parts;
    const { place, stat, look, content, takenAtMs } = copy;
    const { attributes, kept } = look;
    const row = catalog.lookup(place);
    const put = (sequence: number, readAtMs: number): void =>
      catalog.put(place, stat, { linkTarget: null, sequence, epoch: epoch(), readAtMs, ...kept });
    const cost = { bytes: 0, class: cause.class, noticedAtMs: cause.noticedAtMs };
    if (content.kind === 'bytes') {
      const { bytes } = content;
      invariant(bytes.length === stat.size, 'a copy in memory is whole');
      bytes.copy(outbox.reserve(bytes.length));
      const op = { kind: 'write', ...place, size: bytes.length, attributes, ...expectedFile(row) } as const;
      put(outbox.push(op, { ...cost, bytes: bytes.length, inlineBytes: bytes.length }), takenAtMs);
      return;
    }
    // What the target said to hold it may have lost since.
    const base = row?.trust === 'nothing' ? null : patch;
    // The copy may hold a write whose notice, with its range, is still to come: that notice must be believed.
    const readAtMs = base?.isRecorded === true ? 0 : takenAtMs;
    if (base !== null && base.changed.length === 0 && base.baseSize === stat.size) {
      put(outbox.push({ kind: 'attributes', ...place, entry: 'file', attributes }, cost), readAtMs);
      return;
    }
    const file = { place, fd: content.fd, stat, readAtMs, attributes, kept, patch: base };
    await streamFile(this.#parts, { ...file, cause });
  }
}
