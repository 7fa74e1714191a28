import type { ConnectionStatistics } from '../../../api/index.ts';
import type { SourceQueue } from '../../queue/index.ts';
import type { FramePacker, Outbox } from '../../transmit/index.ts';
import type { Transfers } from './transfers.ts';

const RATE_WINDOW_MS = 3_000;

/** What has counters, and what is known beside them. */
export interface Counted {
  readonly outbox: Outbox;
  readonly packer: FramePacker;
  readonly queue: SourceQueue;
  readonly transfers: Pick<Transfers, 'counts'>;
  readonly postponedOps: number;
  readonly lastPath: string | null;
}

/** Reads the counters of a source's stages into one consistent picture. */
export class StatisticsMeter {
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];

  read({ outbox, packer, queue, transfers, postponedOps, lastPath }: Counted): ConnectionStatistics {
    const { inFlight } = outbox;
    const { memory, disk } = queue.counts;
    // Of a file that has not left whole, what was sent is in flight, and the rest waits.
    const { waitingOps, waitingBytes, sentBytes: partBytes, mirrorBytes } = transfers.counts;
    const sentBytes = inFlight.sentTotals.bytes + partBytes;
    return {
      queuedOps: queue.ops + postponedOps + waitingOps,
      queuedBytes: memory.bytes + disk.bytes + waitingBytes,
      queuedDiskOps: disk.ops,
      queuedDiskBytes: disk.bytes,
      inFlightOps: inFlight.unreceivedOps,
      inFlightBytes: inFlight.unreceivedBytes + partBytes,
      targetQueueOps: inFlight.queuedOps,
      targetQueueBytes: inFlight.queuedBytes,
      appliedOps: inFlight.appliedTotals.ops,
      appliedBytes: inFlight.appliedTotals.bytes,
      sentBytes,
      sentOps: inFlight.sentTotals.ops,
      sentMirrorBytes: inFlight.sentTotals.mirrorBytes + mirrorBytes,
      sentReplicationBytes: inFlight.sentTotals.replicationBytes + partBytes - mirrorBytes,
      plainBytes: packer.totals.plainBytes,
      wireBytes: packer.totals.wireBytes,
      bytesPerSec: this.#rate(sentBytes),
      sentSequence: outbox.sequence,
      receivedSequence: inFlight.received,
      appliedSequence: inFlight.applied,
      latencyMs: inFlight.latencyMs(),
      lastPath,
    };
  }

  #rate(bytes: number): number {
    const at = performance.now();
    this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > RATE_WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || at === first.at) return 0;
    return Math.max(0, Math.round(((bytes - first.bytes) * 1000) / (at - first.at)));
  }
}
