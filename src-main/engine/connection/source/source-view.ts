import type { SourceStages } from './assemble-source.ts';
import type { AutoDisconnect } from './auto-disconnect.ts';
import type { Halting } from './halting.ts';
import type { LinkRun } from './link-run.ts';
import type { Parking } from './parking.ts';
import type { PlanControl } from './plan-control.ts';
import { QueueForecast } from './queue-forecast.ts';
import type { SourceState, SourceStatus } from './source-status.ts';
import { StatisticsMeter } from './statistics-meter.ts';
import type { TransmissionControl } from './transmission-control.ts';
import type { VerifyControl } from './verify-control.ts';
import type { Watching } from './watching.ts';

export interface SourceViewParts {
  readonly stages: SourceStages;
  readonly status: SourceStatus;
  readonly run: LinkRun;
  readonly transmission: TransmissionControl;
  readonly autoDisconnect: AutoDisconnect;
  readonly parking: Parking;
  readonly watching: Watching;
  readonly halting: Halting;
  readonly verify: VerifyControl;
  readonly plans: PlanControl;
}

/** What can be told of the source's side at this moment, in one piece. */
export class SourceView {
  readonly #parts: SourceViewParts;
  readonly #meter = new StatisticsMeter();
  readonly #forecast = new QueueForecast();

  constructor(parts: SourceViewParts) {
    this.#parts = parts;
  }

  read(): SourceState {
    const { stages, status, run, transmission, autoDisconnect, parking, watching, halting, verify, plans } = this.#parts;
    const { disturbedFolders, mirrors, problems, queue, hotFiles, gathered, guard } = stages;
    const isStarting = !watching.isComplete || mirrors.isComparing;
    return {
      link: status.link,
      transmission: status.transmission,
      holds: transmission.list(),
      mirror: mirrors.status(),
      orphans: mirrors.searchStatus(),
      replication: halting.isHalted ? 'halted' : (autoDisconnect.status ?? (isStarting ? 'starting' : 'replicating')),
      disconnection: autoDisconnect.problem,
      park: parking.status,
      queue: this.#forecast.read(queue.addedBytes, queue.usage),
      targetData: mirrors.targetData(),
      capture: { ...watching.capture, clones: { ...stages.clones.facts(), cuts: stages.instantPace.cuts } },
      halt: halting.current,
      problems: problems.list(),
      problemCount: problems.count,
      verify: verify.status(),
      plan: { ...plans.status(), question: mirrors.question },
      notCarried: stages.notCarried.list(),
      ...stages.groups.consistency(),
      statistics: this.#meter.read({
        ...stages,
        postponedOps: hotFiles.size + disturbedFolders.size + gathered.size + guard.heldCount,
        lastPath: run.lastPath,
      }),
    };
  }
}
