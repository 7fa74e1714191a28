import type {
  ConnectionVerify,
  ConnectionSnapshot,
  LinkStatus,
  MapSpec,
  MirrorOptions,
  MirrorStatus,
  NotCarried,
  TransmissionStatus,
} from '../api/index.ts';
import { showPlanStatus } from './plan-text.ts';
import { showCapture, showClones, showCutWorth, showHooks, showPark } from './show-cut.ts';
import { showVerifySummary } from './verify-text.ts';
import { showLimits, showSchedule, showWire, sinceAndWhy } from './show-line.ts';
import { assertNever, formatBytes, formatDuration } from '../base/index.ts';

/** `1  accounts to beta, map base c:\noon`: how messages name a connection. */
export function nameOf(connection: ConnectionSnapshot): string {
  return `connection ${connection.number} (${connection.setName} to ${connection.targetName})`;
}

export function showMap(map: MapSpec): string {
  switch (map.kind) {
    case 'exact':
      return 'map exact';
    case 'base':
      return `map base ${map.base}`;
    case 'pairs':
      return `map ${map.pairs.map(({ from, to }) => `${from} to ${to}`).join(', ')}`;
    default:
      return assertNever(map);
  }
}

export function showMirrorOptions(options: MirrorOptions): string {
  const words: string[] = [options.kind === 'all' ? 'all' : 'different'];
  if (options.newer === true) words.push('newer');
  if (options.kind === 'checksum') words.push('checksum');
  if (options.flaggedOnly === true) words.push('flagged');
  if (options.orphans === true) words.push('orphans');
  return words.join(', ');
}

export function showLink(link: LinkStatus): string {
  switch (link.kind) {
    case 'up': {
      const skewMs = link.clockSkewMs ?? 0;
      return `up since ${link.since}${Math.abs(skewMs) < 1000 ? '' : `, the target's clock is ${skewMs / 1000} s ahead`}`;
    }
    case 'connecting':
    case 'stopped':
      return `${link.kind} since ${link.since}`;
    case 'down':
      return `down since ${link.since}: ${link.cause} Next attempt in ${formatDuration(link.retryInMs)}.`;
    default:
      return assertNever(link);
  }
}

function showTransmission(transmission: TransmissionStatus): string {
  switch (transmission.kind) {
    case 'active':
      return `active since ${transmission.since}`;
    case 'pausing':
      return `pausing since ${transmission.since}, for ${transmission.owner}: ${transmission.reason}`;
    case 'paused':
      return (
        `paused at operation ${transmission.cut.sequence}, ${transmission.cut.at}, ${showCutWorth(transmission.cut)}, ` +
        `for ${transmission.owner}: ${transmission.reason}`
      );
    case 'stopped':
      return `stopped since ${transmission.since}, for ${transmission.owner}: ${transmission.reason}`;
    case 'waiting':
      return `waiting since ${transmission.since}, for ${transmission.owner}: ${transmission.reason}`;
    case 'scheduled':
      return `scheduled ${sinceAndWhy(transmission)}`;
    default:
      return assertNever(transmission);
  }
}

export function showMirror(mirror: MirrorStatus): string {
  if (mirror.kind === 'idle') {
    if (mirror.lastCompletedAt === null) return 'idle, none completed';
    const left = mirror.lastResult?.leftFiles ?? 0;
    return `idle, last completed ${mirror.lastCompletedAt}${left === 0 ? '' : `; it left ${left} files that differ`}`;
  }
  const percent = mirror.percent === null ? '' : ` ${Math.floor(mirror.percent)} %`;
  const left = mirror.timeLeftMs === null ? '' : `, ${formatDuration(mirror.timeLeftMs)} left`;
  const remaining = mirror.remainingBytes === null ? '' : `, remaining ${formatBytes(mirror.remainingBytes)}`;
  const counts = `sent ${formatBytes(mirror.sentBytes)}, skipped ${formatBytes(mirror.skippedBytes)}${remaining}`;
  return `${mirror.kind}${percent} (${showMirrorOptions(mirror.options)}), ${counts}${left}`;
}

function showVerify({ run, last, nextAt }: ConnectionVerify): string {
  const now =
    run === null
      ? last === null
        ? 'never verified'
        : `last ${showVerifySummary(last)}`
      : `${run.phase} since ${run.startedAt}: ${run.files} files, ${formatBytes(run.bytes)}, ${run.suspects} to look at again`;
  return nextAt === null ? now : `${now}; next ${nextAt}`;
}

function showQueue({ memoryBytes, diskBytes, percent, fullInMs }: ConnectionSnapshot['queue']): string {
  const used = `${formatBytes(memoryBytes)} in memory, ${formatBytes(diskBytes)} on disk, ${percent} % full`;
  return fullInMs === null
    ? `${used}; nothing changes`
    : `${used}; at this rate of change a pause can last ${formatDuration(fullInMs)}`;
}

function showOrphans(search: ConnectionSnapshot['orphans']): string {
  if (search === null) return 'not searched for since the service started';
  const { state, startedAt, endedAt, found, foundBytes } = search;
  const when = state === 'searching' ? `searching since ${startedAt}` : `${state} ${endedAt ?? ''}`;
  return `${when}, ${found} found (${formatBytes(foundBytes)})`;
}

function parkRows(park: ConnectionSnapshot['park']): [string, string][] {
  if (park === null) return [];
  if (park.kind === 'leaving') return [['', `to be parked at the next cut, for ${park.owner}: ${park.reason}`]];
  return [['Replica at rest', showPark(park)]];
}

function parkScheduleRows(schedule: ConnectionSnapshot['parkSchedule']): [string, string][] {
  if (schedule === undefined) return [];
  const { nextParkAt, nextReconnectAt, waits, last } = schedule;
  const next = `parked next ${nextParkAt ?? 'never'}, reconnected next ${nextReconnectAt ?? 'never'}`;
  const rows: [string, string][] = [['Parked by the clock', next]];
  if (waits !== '') rows.push(['', `what is due waits: ${waits}`]);
  if (last !== null)
    rows.push(['', `last: ${last.what} due ${last.dueAt}, ${last.outcome}${last.why === '' ? '' : `: ${last.why}`}`]);
  return rows;
}

function showDeletes({ isIgnored, movesOut }: ConnectionSnapshot['settings']['deletes']): string {
  if (!isIgnored) return 'applied on the target';
  return `ignored; what is moved out of the set ${movesOut === 'keep' ? 'is kept too' : 'goes all the same'}`;
}

/** One line of the overview. */
export function showBrief(connection: ConnectionSnapshot): string {
  const { mirror, statistics: s } = connection;
  const percent = mirror.kind === 'idle' || mirror.percent === null ? '' : ` ${Math.floor(mirror.percent)} %`;
  return [
    String(connection.number).padStart(3),
    `${connection.setName} to ${connection.targetName}`,
    showMap(connection.map),
    `link ${connection.link.kind}`,
    `transmission ${connection.transmission.kind}`,
    `mirror ${mirror.kind}${percent}`,
    connection.replication,
    `waiting ${s.queuedOps + s.inFlightOps + s.targetQueueOps} ops`,
    `target data ${connection.targetData}`,
    connection.consistency,
  ].join('  ');
}

const NOT_CARRIED: Readonly<Record<NotCarried['kind'], string>> = {
  pipe: 'Pipes, not replicated',
  socket: 'Sockets, not replicated',
  device: 'Devices, not replicated',
  immutable: 'Replicated without their immutable flag',
  'append-only': 'Replicated without their append-only flag',
  'too-many-attributes': 'Replicated without extended attributes, of which they have more than 128 KiB',
};

/** Everything a person asks about one connection, a line each; bad states with cause and way out. */
export function showFull(connection: ConnectionSnapshot): readonly string[] {
  const { statistics: s } = connection;
  const rows: [string, string][] = [
    ['Connection', `${connection.number}  ${connection.id}`],
    ['Established', connection.connectedSince],
    ['Replication set', connection.setName],
    ['Target', `${connection.targetName} (${connection.targetAddress})`],
    ['Map', showMap(connection.map)],
    ...connection.roots.map(({ from, to }): [string, string] => ['', `${from} arrives at ${to}`]),
    ['Link', showLink(connection.link)],
    ['Transmission', showTransmission(connection.transmission)],
    ...connection.holds
      .slice(1)
      .map(({ owner, reason, since }): [string, string] => ['', `also held for ${owner}: ${reason}, since ${since}`]),
    ['Replication', connection.replication],
    ...parkRows(connection.park),
    ...parkScheduleRows(connection.parkSchedule),
    ['Capture', showCapture(connection.capture)],
    ['Copies at one instant', showClones(connection.capture.clones)],
    ['Mirror', showMirror(connection.mirror)],
    ['Mirror plan', showPlanStatus(connection.plan)],
    ['Orphans', showOrphans(connection.orphans)],
    ['Deletes', showDeletes(connection.settings.deletes)],
    ['Target data', connection.targetData],
    [
      'Consistency',
      connection.consistencyWhy === '' ? connection.consistency : `${connection.consistency}: ${connection.consistencyWhy}`,
    ],
    ['Application', showHooks(connection.hooks)],
    ['Verification', showVerify(connection.verify)],
    ['Mirror bytes sent', String(s.sentMirrorBytes)],
    ['Replication bytes sent', String(s.sentReplicationBytes)],
    ['On the wire', showWire(connection)],
    ['Bandwidth', showLimits(connection.line.settings.limits)],
    ['Schedule', showSchedule(connection.line.schedule)],
    ['Source queue', `${s.queuedOps} operations, ${s.queuedBytes} bytes; on disk ${s.queuedDiskOps}, ${s.queuedDiskBytes}`],
    ['Queue room', showQueue(connection.queue)],
    ['In flight', `${s.inFlightOps} operations, ${s.inFlightBytes} bytes`],
    ['Target queue', `${s.targetQueueOps} operations, ${s.targetQueueBytes} bytes`],
    ['Applied', `${s.appliedOps} operations, ${s.appliedBytes} bytes, up to operation ${s.appliedSequence}`],
  ];
  const lines = rows.map(([label, value]) => (label === '' ? '' : `${label}:`).padEnd(25) + value);
  for (const warning of connection.warnings) lines.push(`Note: ${warning}`);
  if (connection.disconnection !== null) {
    const { cause, effect, nextStep, since } = connection.disconnection;
    const word = connection.replication === 'parked' ? 'PARKED' : 'DISCONNECTED';
    lines.push(`${word} since ${since}: ${cause} ${effect} ${nextStep}`);
  }
  if (connection.halt !== null) {
    const { cause, nextStep, answers } = connection.halt;
    lines.push(`HALTED: ${cause} ${nextStep} Possible answers: ${answers.map(({ id }) => id).join(', ')}.`);
  }
  for (const { kind, count, examples } of connection.notCarried) {
    lines.push(`${NOT_CARRIED[kind]}: ${count}, such as ${examples.slice(0, 3).join(', ')}`);
  }
  if (connection.problemCount > 0) lines.push(`${connection.problemCount} open problems:`);
  for (const { path, cause, nextStep } of connection.problems)
    lines.push(`  ${path === null ? '' : `${path}: `}${cause} ${nextStep}`);
  return lines;
}
