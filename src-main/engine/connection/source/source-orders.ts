import type { ConnectionSettings } from '../../../api/index.ts';
import { assertNever } from '../../../base/index.ts';
import type { ConnectionCommand } from '../replicator-api.ts';
import type { AutoDisconnect } from './auto-disconnect.ts';
import type { SourceStages } from './assemble-source.ts';
import type { Halting } from './halting.ts';
import type { LinkRun } from './link-run.ts';
import type { Parking } from './parking.ts';
import type { PlanControl } from './plan-control.ts';
import type { TransmissionControl } from './transmission-control.ts';
import type { VerifyControl } from './verify-control.ts';

export interface SourceOrdersParts {
  readonly stages: Pick<SourceStages, 'mirrors' | 'targetLosses'>;
  readonly run: LinkRun;
  readonly transmission: TransmissionControl;
  readonly autoDisconnect: AutoDisconnect;
  readonly parking: Parking;
  readonly halting: Halting;
  readonly verify: VerifyControl;
  readonly plans: PlanControl;
  readonly settings: () => ConnectionSettings;
  readonly configure: (settings: ConnectionSettings) => void;
}

/** Does what a person ordered. Throws coded refusals (`mirror-running`, `no-mirror`, `search-running`, `no-search`, `verify-running`, `parked`). */
export function obey(command: ConnectionCommand, parts: SourceOrdersParts): void {
  const { run, transmission, autoDisconnect, parking, halting, verify, plans } = parts;
  const { mirrors, targetLosses } = parts.stages;
  switch (command.kind) {
    case 'pause-transmission':
    case 'stop-transmission': {
      const { owner, reason } = command;
      run.forgetCut(command.kind === 'pause-transmission' ? command.common : null);
      const kind = command.kind === 'pause-transmission' ? 'pause' : 'stop';
      transmission.hold({ by: 'operator', kind, owner, reason, since: new Date().toISOString() });
      break;
    }
    case 'resume-transmission':
    case 'start-transmission':
      run.forgetCut();
      transmission.lift('operator');
      break;
    case 'park': {
      const { owner, reason } = command;
      // A pause that is sought or stands has, or finds, the cut that is wanted.
      parking.order({ owner, reason, since: new Date().toISOString() });
      break;
    }
    case 'reconnect':
      if (parking.cancel()) run.forgetCut();
      else autoDisconnect.reconnect(command.mirror ?? 'none');
      break;
    case 'start-verify':
      parking.refuse();
      verify.start(command.options, command.startedBy, parts.settings().verify.owners);
      break;
    case 'stop-verify':
      verify.stop(`${command.owner} stopped it.`);
      break;
    case 'start-mirror':
      parking.refuse();
      targetLosses.forget();
      // It makes a comparison pointless.
      verify.stopBecause('A mirror was started.');
      plans.drop();
      if (!autoDisconnect.reconnect(command.options)) mirrors.start(command.options);
      break;
    case 'start-plan':
      parking.refuse();
      plans.start(command.options, command.startedBy);
      break;
    case 'stop-plan':
      plans.stop();
      break;
    case 'stop-mirror':
      mirrors.stop();
      break;
    case 'start-orphans':
      parking.refuse();
      mirrors.startSearch();
      break;
    case 'stop-orphans':
      mirrors.stopSearch();
      break;
    case 'pause-mirror':
      mirrors.pause();
      break;
    case 'resume-mirror':
      mirrors.resume();
      break;
    case 'answer':
      halting.answer(command.answer);
      break;
    case 'configure':
      parts.configure(command.settings);
      break;
    default:
      assertNever(command);
  }
}
