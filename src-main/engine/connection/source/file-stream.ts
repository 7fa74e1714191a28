import type { Attributes, EntryStat, Place } from '../../model/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import type { Outbox } from '../../transmit/index.ts';
import { expectedFile } from './expected-file.ts';
import { rangesOf, sendRange, wholeRanges } from './file-pieces.ts';
import type { Cause } from './source-tree.ts';
import { toEnd } from './steps.ts';
import type { Patch } from './transfer.ts';

export interface StreamParts {
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly epoch: () => number;
  /** Waits until the link has room, in the middle of an op. */
  readonly drain: () => Promise<void>;
}

/** What is streamed of an open file that does not change. */
export interface StreamedFile {
  readonly place: Place;
  readonly fd: number;
  /** What the catalog is to hold. */
  readonly stat: EntryStat;
  readonly readAtMs: number;
  readonly attributes: Attributes;
  readonly kept: { readonly extendedHash: bigint; readonly flags: number };
  /** Null: the whole file. */
  readonly patch: Patch | null;
  readonly cause: Cause;
}

/** Sends a file, or what changed of it, in one go, with the attributes of `stat`. */
export async function streamFile(parts: StreamParts, file: StreamedFile): Promise<void> {
  const { catalog, outbox, epoch, drain } = parts;
  const { place, fd, stat, readAtMs, attributes, kept, patch, cause } = file;
  const ranges = patch === null ? wholeRanges(fd, stat.size) : rangesOf(patch, stat.size);
  const stream = outbox.openStream(place.root, patch !== null);
  let bytes = 0;
  try {
    for (const range of ranges)
      await toEnd(
        sendRange(outbox, fd, stream, range, (sent) => (bytes += sent)),
        drain,
      );
  } catch (error) {
    outbox.dropStream(stream);
    throw error;
  }
  const expects = expectedFile(catalog.lookup(place));
  const sequence = outbox.pushStream(
    stream,
    { size: stat.size, attributes },
    patch === null
      ? { kind: 'write-stream', ...place, ...expects }
      : { kind: 'patch-stream', ...place, baseSize: patch.baseSize, ...expects },
    { bytes, class: cause.class, noticedAtMs: cause.noticedAtMs },
  );
  catalog.put(place, stat, { linkTarget: null, sequence, epoch: epoch(), readAtMs, trust: 'known', ...kept });
}
