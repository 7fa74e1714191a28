import { readFileSync, writeFileSync } from 'node:fs';
import type { LocalService } from '../../src-main/cli/local-service.ts';
import { processMemory } from '../support/process-memory.ts';

/** What Linux counts the CPU time of processes in, everywhere. */
const TICKS_PER_SEC = 100;

export interface MeterReading {
  readonly residentBytes: number;
  /** The most at any moment, as the kernel counted it: nothing between two looks is missed. */
  readonly peakBytes: number;
  /** The most that was seen without the pages of programs, which any process may share. */
  readonly peakOwnBytes: number;
  readonly cpuSec: number;
}

/** What a service holds and has used, from one reading to the next. */
export class Meter {
  readonly #service: LocalService;
  #cpuSec = 0;
  #peakOwnBytes = 0;

  constructor(service: LocalService) {
    this.#service = service;
  }

  /** To be called often: the kernel keeps no highest mark of memory without pages of programs. */
  sample(): void {
    this.#peakOwnBytes = Math.max(this.#peakOwnBytes, processMemory(this.#service.pid).ownBytes);
  }

  /** The figures since the last reading; peaks begin anew. */
  read(): MeterReading {
    this.sample();
    const { residentBytes, peakBytes } = processMemory(this.#service.pid);
    const cpuSec = this.#cpu();
    const reading = {
      residentBytes,
      peakBytes,
      peakOwnBytes: this.#peakOwnBytes,
      cpuSec: cpuSec < this.#cpuSec ? cpuSec : cpuSec - this.#cpuSec,
    };
    this.#cpuSec = cpuSec;
    this.#peakOwnBytes = 0;
    if (this.#service.pid !== null) writeFileSync(`/proc/${this.#service.pid}/clear_refs`, '5');
    return reading;
  }

  #cpu(): number {
    const { pid } = this.#service;
    if (pid === null) return 0;
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC;
  }
}
