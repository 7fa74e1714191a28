/* One table of all settings, kept whole: names, limits, defaults and words of each stand together, and documents are checked against it. */
import {
  changeSchema,
  choice,
  initialOf,
  integer,
  integerOrOff,
  storedSchema,
  storedSection,
  textOrOff,
  yesNo,
} from './setting-fields.ts';
import type { ChangeOf, SettingsOf } from './setting-fields.ts';

/*
 * One table, long because it is whole: everything that can be set, by whom it belongs to, then by subject. A section is added here and nowhere else: its schema, its place in the
 * stored files, in `connection.configure` and the snapshots, and the commands `set` and `get` follow from it. The name of a section is its
 * own among all four lists. What must be true of several settings together is checked where they are used.
 */

/** What a source keeps for one connection. */
export const connectionSections = {
  queue: {
    memoryBytes: integer({
      initial: 32 * 1024 * 1024,
      least: 64 * 1024,
      most: 1024 ** 3,
      unit: 'bytes',
      about: 'What waiting changes may take in memory; more go to disk. About 400 bytes each.',
    }),
    diskBytes: integerOrOff({
      initial: null,
      least: 0,
      most: 1e15,
      unit: 'bytes',
      about: 'What waiting changes may take on disk; then the connection leaves its target. Off: what there is room for.',
    }),
    keepFreeBytes: integer({
      initial: 50 * 1024 * 1024,
      least: 0,
      most: 1e15,
      unit: 'bytes',
      about: 'What is left free on the volume of the queue.',
    }),
    autoReconnect: yesNo({
      initial: true,
      about: 'A connection that left its target, and one whose service starts again, comes back by itself.',
    }),
    autoRemirror: choice({
      initial: 'checksum',
      choices: ['checksum', 'all', 'different', 'none'],
      about: 'The mirror with which a connection comes back that left its target; none: nothing is sent until one is started.',
    }),
  },
  pause: {
    warnMinutes: integerOrOff({
      initial: 240,
      least: 1,
      most: 525_600,
      unit: 'minutes',
      about: 'A pause that lasts so long is told as a problem, with the time in which the queue will be full.',
    }),
    maxMinutes: integerOrOff({
      initial: null,
      least: 1,
      most: 525_600,
      unit: 'minutes',
      about: 'The most that a pause should last; then atMax.',
    }),
    atMax: choice({
      initial: 'alarm',
      choices: ['alarm', 'resume'],
      about:
        'At maxMinutes: only an alarm, or the pause is lifted, whoever reads the replica then; a backup window that it belongs to is broken.',
    }),
  },
  park: {
    at: cronOrOff({
      about:
        'Parks the connection at these times, by the clock of the source. Not while a backup window is open or a mirror is not complete; one that was missed is not made up for.',
    }),
    reconnectAt: cronOrOff({
      about: 'Reconnects at these times what the schedule parked; one that was missed is made up for as soon as it can be.',
    }),
    mirror: choice({
      initial: 'checksum',
      choices: ['checksum', 'all', 'different'],
      about: 'The mirror with which the schedule reconnects.',
    }),
  },
  owners: {
    by: choice({
      initial: 'number',
      choices: ['number', 'name'],
      about:
        'Whether owners, groups and those in ACLs arrive with the same number, or the same name; a name that the target has not keeps its number. Mirror after a change.',
    }),
  },
  mirror: {
    checksumAll: yesNo({
      initial: true,
      about: 'A mirror with checksum reads every file; off: only files whose date or size differ.',
    }),
    overwrite: choice({
      initial: 'always',
      choices: ['always', 'if-older', 'never'],
      about: 'Which existing files a mirror may replace; what it leaves keeps the replica from being called good.',
    }),
    maxDeletes: integerOrOff({
      initial: null,
      least: 0,
      most: 1e9,
      unit: 'entries',
      about: 'The most that a mirror may delete. With a limit it is planned first; beyond one nothing is done, and it asks.',
    }),
    maxDeletesPercent: integerOrOff({
      initial: null,
      least: 0,
      most: 100,
      unit: 'percent',
      about: 'The same as a share of the entries that the plan looked at on the target.',
    }),
    maxBytes: integerOrOff({
      initial: null,
      least: 0,
      most: 1e15,
      unit: 'bytes',
      about: 'The most that a mirror may send of files that are new or differ; it is planned first, and asks beyond it.',
    }),
    maxBytesPercent: integerOrOff({
      initial: null,
      least: 0,
      most: 100,
      unit: 'percent',
      about: 'The same as a share of all bytes that the source has.',
    }),
  },
  deletes: {
    isIgnored: yesNo({
      initial: false,
      about: 'What the source deletes stays on the target, in the list of kept deleted files.',
    }),
    movesOut: choice({
      initial: 'remove',
      choices: ['remove', 'keep'],
      about: 'With isIgnored: whether what is moved out of the set goes from the target all the same, or is kept too.',
    }),
  },
  compression: {
    isEnabled: yesNo({ initial: false, about: 'Compresses what shrinks on its way to the target.' }),
    level: integer({ initial: 1, least: 1, most: 3, unit: '', about: 'How hard it tries: 1 is fastest, 3 smallest.' }),
  },
  verify: {
    everyMinutes: integerOrOff({
      initial: null,
      least: 1,
      most: 525_600,
      unit: 'minutes',
      about: 'Verifies again so long after the last verification began; put off while a mirror runs or the connection is halted.',
    }),
    bytes: yesNo({
      initial: false,
      about: 'The scheduled verification compares every byte, not only date, size and attributes.',
    }),
    repair: choice({
      initial: 'none',
      choices: ['none', 'all', 'newer'],
      about: 'What the scheduled verification sends again: nothing, all that differs, or only what is newer on the source.',
    }),
    orphans: yesNo({ initial: false, about: 'The scheduled verification also reports what is only on the target.' }),
    owners: yesNo({
      initial: true,
      about: 'Every verification compares owners; switch it off where the target may not give files away.',
    }),
  },
  capture: {
    method: choice({
      initial: 'auto',
      choices: ['auto', 'fanotify', 'inotify', 'fs.watch'],
      about: 'How changes are noticed. auto takes the first of the others that works; status says which and why.',
    }),
    ranges: yesNo({
      initial: false,
      about:
        'Notices which bytes of large files are written (fanotify, Linux 6.14) and sends only those; each read and write of such a file waits for an answer.',
    }),
    rangesFromBytes: integer({
      initial: 64 * 1024 * 1024,
      least: 4 * 1024 * 1024,
      most: 1e15,
      unit: 'bytes',
      about: 'With ranges: the size from which on a file counts as large.',
    }),
    holdWritersMs: integer({
      initial: 10,
      least: 0,
      most: 20,
      unit: 'milliseconds',
      about:
        'With ranges: so long at the most writes to large files wait while a pause, or a hold of the target, makes its cut; 0: never.',
    }),
  },
  clones: {
    isEnabled: yesNo({
      initial: true,
      about:
        'Files that are written without rest are copied at one instant, large ones as clones where their volume can, and sent from there.',
    }),
    keepFreePercent: integer({
      initial: 5,
      least: 0,
      most: 90,
      unit: 'percent',
      about: 'A clone is made only if so much of its volume stays free even when all of the file is rewritten meanwhile.',
    }),
  },
  hooks: {
    freeze: textOrOff({
      ...program(),
      about:
        'A program of the source that brings the application to rest before a pause, or a hold of the target, makes its cut. Run as the service, without a shell and arguments.',
    }),
    thaw: textOrOff({
      ...program(),
      about: 'A program of the source that lets the application go on after the cut; run whatever became of the freeze.',
    }),
    timeoutSeconds: integer({
      initial: 30,
      least: 1,
      most: 3600,
      unit: 'seconds',
      about: 'A program that takes longer is ended with all that it started, and counts as failed.',
    }),
    frozenSeconds: integer({
      initial: 10,
      least: 1,
      most: 600,
      unit: 'seconds',
      about: 'The application is let go on after this at the latest, even if the cut is not made yet.',
    }),
    isRequired: yesNo({
      initial: false,
      about: 'A script that pauses fails when the cut was made without the application at rest; the pause itself stands.',
    }),
  },
  guard: {
    removedFiles: integerOrOff({
      initial: 1000,
      least: 1,
      most: 1e9,
      unit: 'files',
      about:
        'With removedPercent: when so many files were removed within the window, it halts with a question before deletes leave.',
    }),
    removedPercent: integer({
      initial: 50,
      least: 1,
      most: 100,
      unit: 'percent',
      about: 'The share of all files that removedFiles must be.',
    }),
    rewrittenFiles: integerOrOff({
      initial: 1000,
      least: 1,
      most: 1e9,
      unit: 'files',
      about: 'With rewrittenPercent: when the content of so many files was changed within the window, it halts with a question.',
    }),
    rewrittenPercent: integer({
      initial: 50,
      least: 1,
      most: 100,
      unit: 'percent',
      about: 'The share of all files that rewrittenFiles must be.',
    }),
    emptiedFiles: integerOrOff({
      initial: 100,
      least: 1,
      most: 1e9,
      unit: 'files',
      about: 'A source folder that had so many files and lost all of them halts, whatever the share.',
    }),
    windowSeconds: integer({
      initial: 600,
      least: 10,
      most: 86_400,
      unit: 'seconds',
      about: 'The time over which losses are added up.',
    }),
  },
} as const;

/** What a source keeps for one target; all its connections to that target share it. */
export const lineSections = {
  limits: {
    bytesPerSec: integerOrOff({
      initial: null,
      least: 1024,
      most: 1e12,
      unit: 'bytes per second',
      about: 'The most that all connections to this target together put on the wire.',
    }),
    burstBytes: integerOrOff({
      initial: null,
      least: 1024,
      most: 1e12,
      unit: 'bytes',
      about: 'With burstSeconds: so many bytes are sent at once, then the rest of the seconds is waited out.',
    }),
    burstSeconds: integer({
      initial: 1,
      least: 1,
      most: 86_400,
      unit: 'seconds',
      about: 'The length of one burst and its rest.',
    }),
  },
  schedule: {
    isStartEnabled: yesNo({ initial: true, about: 'The start rules count. Switched off they are kept.' }),
    isStopEnabled: yesNo({ initial: true, about: 'The stop rules count. Switched off they are kept.' }),
    isWindowEnabled: yesNo({ initial: true, about: 'The window counts. Switched off it is kept.' }),
    startAt: textOrOff({ ...moment(), about: 'Sending starts at this local time.' }),
    startEvery: integerOrOff({ initial: null, least: 1, most: 10_000, unit: '', about: 'Starts again each so many startUnit.' }),
    startUnit: choice({ initial: 'minutes', choices: ['minutes', 'hours', 'days'], about: 'The unit of startEvery.' }),
    startQueuePercent: integerOrOff({
      initial: null,
      least: 1,
      most: 100,
      unit: 'percent',
      about: 'Sending starts when the queue is so full.',
    }),
    startQueueBytes: integerOrOff({
      initial: null,
      least: 1,
      most: 1e15,
      unit: 'bytes',
      about: 'Sending starts when so much waits in the queue.',
    }),
    stopAt: textOrOff({ ...moment(), about: 'Sending stops at this local time.' }),
    stopAfterSeconds: integerOrOff({
      initial: null,
      least: 1,
      most: 31_536_000,
      unit: 'seconds',
      about: 'Sending stops so long after it started.',
    }),
    stopAfterBytes: integerOrOff({
      initial: null,
      least: 1,
      most: 1e15,
      unit: 'bytes',
      about: 'Sending stops, and the link closes, when so much was sent since it started.',
    }),
    windowOpen: textOrOff({ ...timeOfDay(), about: 'Nothing is sent before this time of day. Counts with windowClose.' }),
    windowClose: textOrOff({ ...timeOfDay(), about: 'Nothing is sent from this time of day on; may lie after midnight.' }),
  },
} as const;

/** What a target keeps for one replica. */
export const replicaSections = {
  targetQueue: {
    maxBytes: integerOrOff({
      initial: null,
      least: 1024 * 1024,
      most: 1e15,
      unit: 'bytes',
      about: 'When so much waits to be applied, the source pauses until half of it is; what is under way still comes.',
    }),
    keepFreeBytes: integer({
      initial: 0,
      least: 0,
      most: 1e15,
      unit: 'bytes',
      about:
        'The source pauses while less is free on a volume where the queue, or data that wait, lie. 0: only a full disk stops it.',
    }),
  },
  orphans: {
    action: choice({
      initial: 'report',
      choices: ['report', 'delete', 'move'],
      about: 'What becomes of orphans, which are on the target and not on the source, when a search is asked for.',
    }),
    moveTo: textOrOff({
      initial: null,
      pattern: /^\/./,
      shape: 'a path of the target that begins with /',
      about: 'With move: the folder that takes them. It must lie outside the replicas.',
    }),
    olderThanHours: integer({
      initial: 0,
      least: 0,
      most: 876_000,
      unit: 'hours',
      about: 'Orphans that were changed or put there within this time are only reported.',
    }),
  },
  certificate: {
    atCut: choice({
      initial: 'never',
      choices: ['never', 'hold', 'pause', 'always'],
      about:
        'Makes a certificate by itself when a hold of the replica takes effect, when its source paused or parked and the cut is applied, or both.',
    }),
    keep: integer({
      initial: 30,
      least: 1,
      most: 1_000,
      unit: 'certificates',
      about: 'So many of the newest certificates are kept; the oldest goes when one more is finished.',
    }),
  },
  snapshots: {
    at: cronOrOff({
      about:
        'Takes a snapshot of the replica at these times, by the clock of the target; one that was due while it could not be taken is taken as soon as it can.',
    }),
    fileLevel: yesNo({
      initial: false,
      about: 'The schedule also takes a cut of which different files are of slightly different moments.',
    }),
    keep: integer({
      initial: 7,
      least: 1,
      most: 1_000,
      unit: 'snapshots',
      about: 'So many of the newest that the schedule took are kept. Those taken by hand stay until somebody deletes them.',
    }),
    maxAgeDays: integerOrOff({
      initial: null,
      least: 1,
      most: 36_500,
      unit: 'days',
      about: 'What the schedule took goes when it is so old. The newest good snapshot of a replica always stays.',
    }),
  },
  kept: {
    maxAgeDays: integerOrOff({
      initial: null,
      least: 1,
      most: 36_500,
      unit: 'days',
      about: 'Kept deleted files go for good when they were deleted so long ago. Not while the replica is held.',
    }),
    maxBytes: integerOrOff({
      initial: null,
      least: 0,
      most: 1e15,
      unit: 'bytes',
      about: 'When kept deleted files take more, the longest deleted go for good. Not while the replica is held.',
    }),
  },
} as const;

/** What a service keeps for itself, as source and as target. */
export const serviceSections = {
  pagefile: {
    folder: textOrOff({
      initial: null,
      pattern: /^(\/|[A-Za-z]:[\\/])/,
      shape: 'an absolute path',
      about: 'Where changes wait on disk, for connections opened from now on; best a volume of its own. Off: in the data folder.',
    }),
  },
  clock: {
    timeZone: textOrOff({
      initial: null,
      pattern: /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/,
      shape: 'a time zone such as Europe/Berlin',
      about: "The time zone of the schedules; off: the machine's own.",
    }),
  },
} as const;

export type ConnectionSettings = SettingsOf<typeof connectionSections>;
export type LineSettings = SettingsOf<typeof lineSections>;
export type ReplicaSettings = SettingsOf<typeof replicaSections>;
export type ServiceSettings = SettingsOf<typeof serviceSections>;
export type ConnectionSettingsChange = ChangeOf<typeof connectionSections>;
export type LineSettingsChange = ChangeOf<typeof lineSections>;
export type ReplicaSettingsChange = ChangeOf<typeof replicaSections>;
export type ServiceSettingsChange = ChangeOf<typeof serviceSections>;

export const initialConnectionSettings: ConnectionSettings = initialOf(connectionSections);
export const initialLineSettings: LineSettings = initialOf(lineSections);
export const initialReplicaSettings: ReplicaSettings = initialOf(replicaSections);
export const initialServiceSettings: ServiceSettings = initialOf(serviceSections);

export const connectionSettings = storedSchema(connectionSections);
export const lineSettings = storedSchema(lineSections);
export const scheduleRules = storedSection(lineSections.schedule);
export const replicaSettings = storedSchema(replicaSections);
export const serviceSettings = storedSchema(serviceSections);

export const connectionSettingsChange = changeSchema(connectionSections);
export const lineSettingsChange = changeSchema(lineSections);
export const replicaSettingsChange = changeSchema(replicaSections);
export const serviceSettingsChange = changeSchema(serviceSections);

function program() {
  return { initial: null, pattern: /^\/[^\0]*[^/\0]$/, shape: 'the absolute path of a program' };
}

function cronOrOff({ about }: { readonly about: string }) {
  const shape = 'a time in the form of cron, such as "30 2 * * *" for half past two each night';
  return textOrOff({ initial: null, pattern: /^\S+( \S+){4}$/, shape, about });
}

function moment() {
  return {
    initial: null,
    pattern: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/,
    shape: 'a date and time such as 2026-11-22T22:00:00',
  };
}

function timeOfDay() {
  return { initial: null, pattern: /^([01]\d|2[0-3]):[0-5]\d$/, shape: 'a time of day such as 22:00' };
}
