/* One table, long because every code of the program has its words here: whoever adds a code finds all the others beside it. */
import type { ErrorCode, ErrorDetails } from './errors.ts';

/** The words for a coded failure: what happened, what it means, what to do. The same text in console, scripts and logs. */
export interface Description {
  readonly cause: string;
  readonly effect: string;
  readonly nextStep: string;
}

/**
 * Turns a code and its details into sentences. Details used when present: path, server, user, set, connection, target, host, port, text,
 * expected, found, seconds, neededBytes. A detail that is missing makes the sentence more general, never wrong.
 */
export function describeError(code: ErrorCode, details: ErrorDetails = {}): Description {
  const [cause, effect, nextStep] = sentences[code](new Words(details));
  return { cause, effect, nextStep };
}

type Sentences = readonly [cause: string, effect: string, nextStep: string];

/** Reads details as words, each with a general form for when it is not there. */
class Words {
  readonly #details: ErrorDetails;

  constructor(details: ErrorDetails) {
    this.#details = details;
  }

  /** The value as text, or `otherwise`. */
  text(key: string, otherwise = ''): string {
    const value = this.#details[key];
    return value === undefined || value === null || value === '' ? otherwise : String(value);
  }

  /** `before` + the value + `after`, or nothing. */
  part(key: string, before: string, after = ''): string {
    const value = this.text(key);
    return value === '' ? '' : before + value + after;
  }

  isYes(key: string): boolean {
    return this.#details[key] === true;
  }

  quoted(key: string, otherwise: string): string {
    const value = this.text(key);
    return value === '' ? otherwise : `“${value}”`;
  }

  get path(): string {
    return this.text('path', 'the file or folder');
  }

  /** `server`, `host:port`, `host` or a general word. */
  get peer(): string {
    const host = this.text('host');
    const address = host === '' ? '' : host + this.part('port', ':');
    const server = this.text('server', this.text('target'));
    if (server !== '' && address !== '') return `${server} (${address})`;
    return server || address || 'the server';
  }
}

/** `3.2 s ahead`. */
function skewText(ms: string): string {
  const value = Number(ms);
  return ms === '' ? '2 s' : `${(Math.abs(value) / 1000).toFixed(1)} s (it is ${value > 0 ? 'ahead' : 'behind'})`;
}

const WAITS = 'This file waits; the others go on.';
const NOTHING_DONE = 'Nothing was changed.';

/** For each loss: what is not kept, and why not. */
const LOSSES: Readonly<Record<string, readonly [what: string, why: string]>> = {
  owner: ['Owners and groups', 'only a service that runs as root may give files away'],
  'user-attributes': ['Extended attributes (user.*)', 'the volume cannot hold them'],
  'trusted-attributes': ['Extended attributes (trusted.*)', 'the volume cannot hold them, or the service does not run as root'],
  'security-attributes': ['File capabilities (security.*)', 'the volume cannot hold them, or the service does not run as root'],
  acl: ['Access control lists', 'the volume cannot hold them'],
  'attribute-space': ['Some large extended attributes', 'the volume has too little room for them in one file'],
};

/** `The slot “A”`. */
function named(w: Words, thing: 'rotation' | 'slot'): string {
  return `The ${thing}${w.part(thing, ' “', '”')}`;
}

function massChange(w: Words): string {
  const example = w.part('example', ', for example ');
  if (w.text('what') === 'emptied') return `All ${w.text('count')} files in ${w.path} are gone${example}.`;
  const what = w.text('what') === 'rewritten' ? 'were rewritten' : 'were removed';
  return `${w.text('count', 'Many')} of ${w.text('total', 'all')} files ${what} on the source${w.part('since', ' since ')}${example}.`;
}

const sentences: Readonly<Record<ErrorCode, (words: Words) => Sentences>> = {
  // the disk
  'not-found': (w) =>
    w.text('making') === 'true'
      ? [`The folder ${w.path} cannot be made: its file system takes none there.`, WAITS, 'Choose another place on the target.']
      : [`${w.path} does not exist.`, NOTHING_DONE, 'Check the spelling, and that the disk it lies on is mounted.'],
  'permission-denied': (w) => [
    `The service may not open ${w.path}${w.part('server', ' on ')}.`,
    w.text('refused') === 'true' ? NOTHING_DONE : WAITS,
    'Give the account that runs the service access to it, or run the service as root. Where it is root already, look for an immutable flag (lsattr).',
  ],
  'disk-full': (w) => [
    `The disk that holds ${w.path} is full${w.part('neededBytes', '; ', ' more bytes are needed')}.`,
    'Changes wait in the queue; nothing is lost.',
    'Free space on that disk. Work goes on by itself.',
  ],
  'read-only': (w) => [
    `The file system that holds ${w.path}${w.part('server', ' on ')} is mounted read-only.`,
    w.text('refused') === 'true' ? NOTHING_DONE : 'Changes wait in the queue; nothing is lost.',
    w.text('refused') === 'true' ? 'Mount it writable, then try again.' : 'Mount it writable. Work goes on by itself.',
  ],
  'name-too-long': (w) => [
    `The name ${w.path} is too long for this file system.`,
    'This file is not replicated; the others go on.',
    'Shorten the name, or map the set to a shorter folder.',
  ],
  'not-a-folder': (w) => [
    `${w.path}${w.part('server', ' on ')} is not a folder.`,
    NOTHING_DONE,
    'Name a folder, or move away the file that stands in its place.',
  ],
  'is-a-folder': (w) => [`${w.path} is a folder where a file was expected.`, WAITS, 'Move the folder away, then start a mirror.'],
  'not-empty': (w) => [`The folder ${w.path} is not empty.`, WAITS, 'Empty it or choose another one.'],
  'already-exists': (w) => [`${w.path} exists already.`, NOTHING_DONE, 'Choose another name, or remove what is there.'],
  busy: (w) => [
    `${w.path} is in use by another program.`,
    'It is tried again until it can be written; later changes of this file wait.',
    'Close the program that holds it if this lasts.',
  ],
  'links-exhausted': (w) => [
    `${w.path} cannot have more hard links on this file system.`,
    'The file is not linked on the target.',
    'Replicate it to a file system that allows more links.',
  ],
  'too-many-open': (w) => [
    `The service has reached the limit of open files${w.part('path', ' at ')}.`,
    'It goes on when files are closed.',
    'Raise the limit (LimitNOFILE in the unit file, or ulimit -n) and restart the service.',
  ],
  'not-preserved': (w) => {
    const [what, why] = LOSSES[w.text('loss')] ?? ['Some attributes', 'the volume or the rights of the service do not allow it'];
    return [
      `${what} are not kept on the target at ${w.path}: ${why}.`,
      'Content, names, permissions and times of the files are complete.',
      'Replicate to a volume that can hold them, or run the service there as root; then mirror again.',
    ];
  },
  unsupported: (w) => [
    `This system does not support ${w.text('text', w.text('what', 'that operation'))}${w.part('path', ' at ')}.`,
    'That part is not done.',
    'See the list of limits in the README.',
  ],
  'io-error': (w) => [
    `Reading or writing ${w.path} failed${w.part('text', ' (', ')')}.`,
    'It is tried again later.',
    'Check the disk and the system log for hardware errors.',
  ],
  'outside-root': (w) =>
    w.text('refused') === 'true'
      ? [
          `${w.path}${w.part('server', ' on ')} is a link, and what is chosen lies behind it.`,
          `${NOTHING_DONE} Links are followed neither into a replica nor out of it.`,
          'Choose the link itself or a folder above it, or restore below another base folder.',
        ]
      : [
          `${w.path} lies outside the folder of this replica, or is reached through a link.`,
          'It is not written: links are never followed out of a replica.',
          'Remove the link on the target, then start a mirror.',
        ],
  'watch-limit': (w) => [
    `The system allows no more watched folders${w.part('path', ' (reached at ', ')')}.`,
    'Changes below that folder would not be noticed, so the connection does not pretend to follow them.',
    'Raise fs.inotify.max_user_watches (sysctl -w fs.inotify.max_user_watches=1048576), then restart the service.',
  ],
  // the link
  'link-lost': (w) => [
    `The connection to ${w.peer} was lost${w.part('text', ' (', ')')}.`,
    'Changes wait in the queue.',
    'It reconnects by itself; check the network if this lasts.',
  ],
  unreachable: (w) => [
    `${w.peer} does not answer${w.part('text', ' (', ')')}.`,
    'Nothing can be asked of it or sent to it now.',
    'Check that its service runs, that host and port are right, and that no firewall blocks the port.',
  ],
  'host-unknown': (w) => [
    `The name ${w.text('host', w.peer)} cannot be resolved to an address.`,
    'The server cannot be reached.',
    'Check the spelling, or use the IP address.',
  ],
  'port-in-use': (w) => [
    `Port ${w.text('port', '?')}${w.part('host', ' on ')} is already used by another program.`,
    'The service cannot start.',
    'Stop that program, or choose another port with --control, --data-port or --port.',
  ],
  'fingerprint-mismatch': (w) => [
    `${w.peer} shows another certificate than the one confirmed for it: expected ${w.text('expected', 'the stored fingerprint')}, got ${w.text('found', 'a different one')}.`,
    'Nothing was sent to it. Either the server was installed anew, or another machine answers in its place.',
    'Compare with the fingerprint that the server itself reports. Only if they agree: remove the server and add it again.',
  ],
  'not-admitted': (w) => [
    `${w.peer} does not accept this connection.`,
    'Nothing is replicated to it.',
    'Disconnect, and connect again as an administrator of both servers.',
  ],
  'protocol-error': (w) => [
    `${w.peer} sent something that this program does not understand${w.part('text', ' (', ')')}.`,
    'The connection to it was closed.',
    'Check that the port is the right one and that both run the same version.',
  ],
  timeout: (w) => [
    `${w.peer} did not answer in time${w.part('text', ' (', ')')}.`,
    'It is not known whether the request was carried out.',
    'Look at the present state, then try again.',
  ],
  'version-mismatch': (w) => [
    `${w.peer} speaks version ${w.text('found', '?')} of the control protocol; this program speaks version ${w.text('expected', '?')}.`,
    'They cannot work together.',
    'Install the same version of Understudy on both.',
  ],
  // the target's copy differs from what the source believes
  'missing-on-target': (w) => [
    `${w.path} is missing on the target.`,
    'The source sends it again.',
    'Nothing to do, unless another program deletes files in the replica.',
  ],
  'changed-on-target': (w) => [
    `${w.path} was changed on the target by another program.`,
    'The source sends it again.',
    'Keep other programs from writing into the replica.',
  ],
  'clock-skew': (w) => [
    `The clock of ${w.text('target', 'the target')} differs from the source's by at least ${skewText(w.text('clockSkewMs'))}.`,
    'Mirrors with “newer” and age limits of orphans judge by these clocks and can be wrong. Nothing else is affected.',
    'Set both clocks by the same time server.',
  ],
  // people and their input
  'bad-input': (w) => [`The input is not valid${w.part('text', ': ')}.`, NOTHING_DONE, 'Correct it and try again.'],
  'bad-path': (w) => [
    `${w.quoted('path', 'The path')} is not a usable path${w.part('text', ': ')}.`,
    NOTHING_DONE,
    'Give an absolute path such as /srv/data or c:\\data.',
  ],
  'not-logged-in': (w) => [
    w.text('server') === '' ? 'Nobody is logged in on this session.' : `You are not logged in to ${w.text('server')}.`,
    NOTHING_DONE,
    'Log in first.',
  ],
  'wrong-password': (w) => [
    `The user name or password is wrong${w.part('user', ' (user ', ')')}${w.part('server', ' on ')}.`,
    'You are not logged in.',
    'Check both. After several wrong attempts the server waits before it looks at the next one.',
  ],
  'too-many-attempts': (w) => [
    `Too many wrong passwords${w.part('user', ' for ')}.`,
    'The server looks at no further attempt for now.',
    `Try again in ${w.text('seconds', 'a few')} ${w.text('seconds') === '1' ? 'second' : 'seconds'}.`,
  ],
  'not-allowed': (w) => [
    `${w.part('user', 'The account ', ' ') || 'This account '}has the role ${w.text('role', 'monitor')} and may not do that${w.part('action', ' (', ')')}.`,
    NOTHING_DONE,
    'Log in with an account that has the role admin.',
  ],
  'unknown-server': (w) => [
    `There is no server named ${w.quoted('server', 'like that')}.`,
    NOTHING_DONE,
    `Add it with: understudy server add ${w.text('server', 'NAME')} HOST:PORT, or see the known ones with: understudy server list.`,
  ],
  'server-exists': (w) => [
    `A server named ${w.quoted('server', 'like that')} is known already.`,
    NOTHING_DONE,
    'Choose another name, or remove the old one first.',
  ],
  'unknown-call': (w) => [
    `The server does not know the call ${w.quoted('call', 'that was made')}.`,
    NOTHING_DONE,
    'Install the same version of Understudy on both.',
  ],
  'unknown-set': (w) => [
    `There is no replication set named ${w.quoted('set', 'like that')}${w.part('server', ' on ')}.`,
    NOTHING_DONE,
    'Check the spelling, or create the set first.',
  ],
  'set-exists': (w) => [
    `A replication set named ${w.quoted('set', 'like that')} exists already.`,
    NOTHING_DONE,
    'Choose another name, or change the existing set.',
  ],
  'set-in-use': (w) => [
    `The replication set ${w.quoted('set', '')} is connected${w.part('target', ' to ')}.`.replace('  ', ' '),
    'It was not deleted.',
    'Disconnect it first.',
  ],
  'set-unsaved': (w) => [
    `The replication set ${w.quoted('set', '')} has changes that are not saved.`.replace('  ', ' '),
    'It cannot be connected.',
    'Save the set first.',
  ],
  'set-empty': (w) => [
    `The replication set ${w.quoted('set', '')} includes nothing.`.replace('  ', ' '),
    'There is nothing to replicate.',
    'Add at least one rule that includes a folder or file, and save the set.',
  ],
  'unknown-connection': (w) => [
    w.text('set') === '' && w.text('target') === ''
      ? `There is no connection ${w.text('connection', 'like that')}.`
      : `${w.quoted('set', 'The set')} is not connected to ${w.text('target', 'that target')}${w.part('map', ' with ')}.`,
    NOTHING_DONE,
    w.text('hint', 'List the connections to see which ones exist.'),
  ],
  'connection-exists': (w) => [
    `${w.quoted('set', 'The set')} is already connected to ${w.text('target', 'that target')} with the same map.`,
    'No second connection was made.',
    'Use the existing connection, or disconnect it first.',
  ],
  'unknown-account': (w) => [
    `There is no account named ${w.quoted('user', 'like that')}.`,
    NOTHING_DONE,
    'Check the spelling, or create the account first.',
  ],
  'account-exists': (w) => [
    `An account named ${w.quoted('user', 'like that')} exists already.`,
    NOTHING_DONE,
    'Choose another name.',
  ],
  'last-admin': (w) => [
    `${w.quoted('user', 'That account')} is the only account with the role admin.`,
    'It stays as it is: nobody could change anything afterwards.',
    'Create another administrator first.',
  ],
  'damaged-data': (w) => [
    `${w.path} is damaged${w.part('text', ' (', ')')}.`,
    'It was not overwritten, and the program did not start with guessed values.',
    'Restore the file from a backup, or move it away to begin without it.',
  ],
  'map-missing': () => [
    'It was not said where the files shall arrive on the target.',
    'No connection was made: a path is never guessed.',
    'Give a map: exact, base FOLDER, or FROM to TO.',
  ],
  'map-invalid': (w) => [
    `The map does not fit the replication set${w.part('text', ': ')}.`,
    'No connection was made.',
    'Every included folder needs exactly one place on the target.',
  ],
  'map-loop': (w) => [
    `The replica would arrive at ${w.path}, inside the data that it is made from or inside another replica${w.part('text', ' (', ')')}.`,
    'No connection was made: it would replicate itself without end.',
    'Choose another base folder on the target.',
  ],
  'volume-unknown': (w) => [
    `${w.text('server', 'This server')} has no volume ${w.text('volume', 'of that letter')}${w.part('path', ' (in ', ')')}.`,
    NOTHING_DONE,
    `Start its service with --volume ${w.text('volume', 'C')}=FOLDER, or use a path without a drive letter.`,
  ],
  'mirror-running': () => ['A mirror is running already.', 'No second one was started.', 'Wait until it ends, or stop it first.'],
  'queue-full': (w) => [
    `The queue of changes on the source has no more room${w.part('why', ': ')}.`,
    'What waited was dropped and the connection left its target; changes since then are not noted. The replica stays as it was.',
    w.isYes('pending')
      ? 'Start a mirror: before that nothing is sent.'
      : w.isYes('autoReconnect')
        ? 'It comes back by itself, with a mirror, when the target can be reached and nobody holds transmission. Give the queue more room if this happens again.'
        : 'Reconnect it; a mirror then brings the replica up to date. Give the queue more room, or hold transmission for a shorter time.',
  ],
  'not-reconnected': (w) => [
    'The service of the source was started again, and this connection is not to come back by itself.',
    'Changes are not noted. The replica stays as it was.',
    w.isYes('pending')
      ? 'Start a mirror: before that nothing is sent.'
      : 'Reconnect it; a mirror then brings the replica up to date.',
  ],
  'unknown-rotation': (w) => [
    `There is no rotation ${w.quoted('rotation', 'of that name')}.`,
    NOTHING_DONE,
    w.part('known', 'There are: ', '.') || 'Create one first.',
  ],
  'rotation-exists': (w) => [
    `There is a rotation ${w.quoted('rotation', 'of that name')} already.`,
    NOTHING_DONE,
    'Choose another name, or delete the one that is there.',
  ],
  'rotation-running': (w) => [
    `${named(w, 'rotation')} is being switched${w.part('slot', ' to “', '”')}.`,
    NOTHING_DONE,
    'Wait until the switch has ended; the status of the rotation shows where it stands.',
  ],
  'unknown-slot': (w) => [
    `${named(w, 'rotation')} has no slot ${w.quoted('slot', 'of that name')}.`,
    NOTHING_DONE,
    w.part('known', 'It has: ', '.') || 'Add one first.',
  ],
  'slot-refused': (w) => [
    `${named(w, 'slot')} cannot be what was asked${w.part('text', ': ')}.`,
    NOTHING_DONE,
    'All slots are connections of one set with the same rules, each to a place of its own.',
  ],
  'slot-in-use': (w) => [
    `${named(w, 'slot')} is in use${w.part('user', ' by ')}${w.part('text', ': ')}.`,
    NOTHING_DONE,
    'Release the slot when the backup has ended.',
  ],
  'slot-live': (w) => [
    `${named(w, 'slot')} follows the source now, or is about to.`,
    NOTHING_DONE,
    'Switch to another slot first: only one at rest can be read, or be switched in.',
  ],
  'paused-long': (w) => [
    `Transmission is paused${w.part('user', ' by ')}${w.part('lasted', ' for ')}${w.part('text', ': ')}.${w.part('limit', ' The most that it should last is ', '.')}`,
    `The replica stays as it was at the cut, and changes wait on the source. ${
      w.text('fullIn') === ''
        ? 'Nothing changes now, so the queue does not fill.'
        : `At this rate the queue is full in ${w.text('fullIn')}; then the connection leaves its target.`
    }`,
    w.isYes('resumes')
      ? 'It is resumed by itself now, as pause.atMax says.'
      : 'Resume it when the backup has ended (transmission resume), or end the backup window that it belongs to (understudy backup end).',
  ],
  'hook-failed': (w) => [
    `A program around a backup window failed${w.part('text', ': ')}.`,
    w.text('command') === 'end'
      ? 'What the window took was given back all the same.'
      : 'Nothing is kept for a backup: what was begun now was given back.',
    'See what the program needs, and try again.',
  ],
  'window-open': (w) => [
    `A backup window of ${w.text('user', 'another owner')} has been open${w.part('since', ' since ')}${w.part('text', ': ')}.`,
    NOTHING_DONE,
    `The replica is being read. Wait for its end, or end it if nobody reads any more: understudy backup end${w.part('name', ' ')} --owner ${w.text('user', 'OWNER')}`,
  ],
  'window-overdue': (w) => [
    `The backup window of ${w.text('user', 'its owner')}${w.part('text', ' (', ')')} has lasted for ${w.text('lasted', 'too long')}; at the most it should be ${w.text('limit', 'shorter')}.`,
    'The replica stays as it was at the cut and is not refreshed.',
    `If nobody reads it any more, end the window: understudy backup end${w.part('name', ' ')} --owner ${w.text('user', 'OWNER')}`,
  ],
  parked: (w) => [
    w.text('user') === '' ? 'The connection is parked.' : `${w.text('user')} parked the connection${w.part('text', ': ')}.`,
    'Changes are not noted. The replica is at rest and stays as it was at its cut.',
    w.isYes('pending')
      ? 'Start a mirror: before that nothing is sent.'
      : w.isYes('ordered')
        ? 'It was ordered back, and comes when the target can be reached and nobody holds transmission.'
        : 'Reconnect it when it is to follow the source again; a mirror then sends what differs.',
  ],
  'not-disconnected': () => ['The connection has not left its target.', NOTHING_DONE, 'Nothing need be done.'],
  'queue-inside-set': (w) => [
    `The set${w.part('set', ' “', '”')} holds ${w.path}, where the service keeps its own files.`,
    `${NOTHING_DONE} Each change that is sent would be a change of that folder, without end.`,
    'Exclude that folder by a rule, or put it elsewhere.',
  ],
  'no-mirror': () => ['No mirror is running.', NOTHING_DONE, 'Start a mirror first.'],
  'mirror-limited': (w) => [
    `A mirror would do more than its limits allow${w.part('why', ': ')}.`,
    'It was planned and not begun. The replica stays as it was; changes are replicated as before.',
    'Look at the plan. Then resume the mirror, which runs it all the same, or stop it, or change the limits and start it again.',
  ],
  'plan-running': () => [
    'A mirror is being planned already.',
    'No second plan was begun.',
    'Wait for its end, or stop it first.',
  ],
  'no-plan': () => ['No mirror is being planned.', NOTHING_DONE, 'Plan one first.'],
  'verify-running': () => [
    'A verification is running already.',
    'No second one was started.',
    'Wait until it ends, or stop it first.',
  ],
  'verify-during-mirror': () => [
    'A mirror is running, so source and target differ anyway.',
    'No verification was started.',
    'Verify when the mirror is complete.',
  ],
  'no-verify': () => ['No verification is running.', NOTHING_DONE, 'Start one first.'],
  'replica-moving': (w) => [
    w.isYes('isMeanwhile') ? 'The replica went on while its certificate was being made.' : 'The replica does not stand still.',
    'No certificate was made: it would be of a mixture of two states.',
    'Hold the replica on the target (in a script: pause target), or pause its source, wait until that is in force, and try again.',
  ],
  'certificate-running': () => [
    'A certificate of this replica is being made already.',
    'No second one was started.',
    'Wait until it is finished, or stop it first.',
  ],
  'no-certificate-run': () => ['No certificate of this replica is being made.', NOTHING_DONE, 'Start one first.'],
  'bad-certificate': (w) => [
    `The certificate ${w.path} is not to be trusted${w.part('text', ': ')}.`,
    'It proves nothing.',
    'Take the certificate from the target that made it once more, and compare the fingerprint with the one that server printed.',
  ],
  'no-snapshots': (w) => [
    w.text('text') === ''
      ? `The file system of ${w.path} has no snapshots${w.part('type', ' (', ')')}.`
      : `No snapshot can be taken of ${w.path}${w.part('text', ': ')}.`,
    NOTHING_DONE,
    'Replicas on btrfs, and on xfs that was made with reflink=1, have snapshots. Elsewhere rotate two replicas, or back this one up in a window.',
  ],
  'snapshot-refused': (w) => [
    {
      incomplete: 'The replica is no complete copy: a mirror is running or lacking.',
      failed: 'The replica lacks entries that could not be applied.',
      reverted: 'The replica was set back to a snapshot, and no mirror has been completed since.',
      between: 'The replica stands between two cuts.',
      'file-level':
        'The cut is no single moment: files changed all the time, and the replica holds them of slightly different moments (file-level).',
      moving: 'The replica did not come to a cut in time.',
    }[w.text('why')] ?? 'The snapshot was given up before it was whole.',
    'No snapshot was taken.',
    {
      incomplete: 'Wait until the mirror is complete, or start one, and take the snapshot then.',
      failed: 'Look at the problems of the connection, and take the snapshot when they are mended.',
      reverted: 'Start a mirror, and take the snapshot when it is complete.',
      between: 'Lift the hold, so that the replica can come to a cut, and try again.',
      'file-level':
        'Try again when less is written, let the application rest for the cut (hooks.freeze), or say that file-level will do.',
      moving: 'See what waits in the queue of the replica, and try again.',
    }[w.text('why')] ?? 'Try again.',
  ],
  'snapshot-running': () => [
    'A snapshot of this replica is being taken, deleted or reverted to.',
    NOTHING_DONE,
    'Wait until that is finished, and try again.',
  ],
  'revert-refused': (w) => [
    w.text('why') === 'queued'
      ? `${w.text('count')} changes wait in the queue of the replica${w.part('set', ' of “', '”')}, and would be applied to other content than they are for.`
      : `The replica${w.part('set', ' of “', '”')} follows its source, which would fight with the revert.`,
    'Nothing was set back.',
    w.text('why') === 'queued'
      ? 'Lift the hold until they are applied, then park the connection (in a script: park), and try again.'
      : 'Park the connection (in a script: park), or hold the replica with nothing waiting, and try again.',
  ],
  'replica-reverted': () => [
    'The replica was set back to a snapshot on its target.',
    'Changes are not sent. The replica stays as it was set back.',
    'Start a mirror when it is to follow the source again: it sends what differs. To keep what the replica holds, disconnect instead.',
  ],
  'search-running': () => ['A search for orphans is running already.', NOTHING_DONE, 'Wait for its end, or stop it first.'],
  'no-search': () => ['No search for orphans is running.', NOTHING_DONE, 'Start one first.'],
  halted: (w) => [
    `The connection is halted and waits for an answer${w.part('text', ': ').replace(/\.$/, '')}.`,
    'Nothing is replicated until a person decides.',
    'Read the question at the connection (in a script: status connection) and answer it.',
  ],
  'outside-window': (w) => [
    `The window of the schedule${w.part('open', ' (from ')}${w.part('close', ' to ', ')')} is closed.`,
    NOTHING_DONE,
    'Wait until it opens, or switch the window off: schedule disable window.',
  ],
  'data-in-use': (w) => [
    `The data folder ${w.path} is in use: its service${w.part('pid', ' (process ', ')')} is running already${w.part('address', ', at ')}.`,
    'This one did not start.',
    'Go on with the one that runs, or stop it first, or choose another folder with --data.',
  ],
  'not-initialised': (w) => [
    `${w.path} is not an initialised data folder.`,
    'The service cannot start.',
    `Initialise it with: understudy init --data ${w.text('path', 'DIR')} --admin NAME`,
  ],
  'already-initialised': (w) => [
    `${w.path} is an initialised data folder already.`,
    NOTHING_DONE,
    'Start its service, or choose another folder. To begin anew, move the old folder away first.',
  ],
  'newer-data': (w) => [
    `${w.path} was written by a newer version of this program (format ${w.text('found', '?')}, this one knows ${w.text('known', '?')}).`,
    'It was not opened, so that nothing is lost.',
    'Install the newer version again.',
  ],
  'no-stored-login': (w) => [
    `No login is stored for ${w.text('server', 'that server')}.`,
    'You are not logged in.',
    `Store one with: understudy server login ${w.text('server', 'NAME')} --user USER`,
  ],
  'not-built': (w) => [
    `The console's pages are not built (${w.path} is missing).`,
    'There is nothing to show in a browser.',
    'Build them with: npm run build',
  ],
  'source-vanished': (w) => [
    w.text('replaced') === 'true'
      ? `The source folder ${w.path} is not the one that was replicated before: it was replaced, or a volume was mounted or unmounted there.`
      : `The source folder ${w.path} is not there any more: it was deleted, moved away or unmounted.`,
    'Replication is halted. Nothing was deleted on the target; it keeps the last state that arrived.',
    'Bring the folder back (mount the volume, or restore it) and answer "check again"; or disconnect, if it is gone for good.',
  ],
  'mass-change': (w) => [
    massChange(w),
    w.text('what') === 'rewritten'
      ? `Replication is halted. ${w.text('left', 'Some')} of these files had been sent before; the target keeps the others as they were.`
      : `Replication is halted and none of these deletions was sent; the target keeps the files.${
          w.text('left', '0') === '0' ? '' : ` Of those counted, ${w.text('left')} had been deleted there before.`
        }`,
    'If this was meant, answer "accept". If not, put the files back on the source, or disconnect and restore them from the target; then answer "check-again".',
  ],
  internal: (w) => [
    `Something unexpected went wrong${w.part('text', ': ')}.`,
    'What was asked for may not have been done.',
    'See the log of the service for the details.',
  ],
};
