import type {
  ConnectionSnapshot,
  KnownServer,
  OrphanSearch,
  ReplicaSnapshot,
  Role,
  TargetDataState,
} from '../../src-main/api/index.ts';
import { counted, duration, percent } from './format.ts';

/** What a state means for a person; each tone has its own icon as well as its colour. */
export type Tone = 'good' | 'busy' | 'paused' | 'warning' | 'bad' | 'off';

export interface StatusWord {
  readonly tone: Tone;
  readonly word: string;
  /** The longer story, for a tooltip. */
  readonly detail: string;
}

const targetDataWords: Readonly<Record<TargetDataState, StatusWord>> = {
  good: { tone: 'good', word: 'Good', detail: 'Mirrored completely and following the source.' },
  mirroring: { tone: 'busy', word: 'Mirroring', detail: 'Not complete yet: a mirror is running.' },
  'mirror-required': {
    tone: 'warning',
    word: 'Mirror required',
    detail: 'Not equal to the source until a mirror has completed.',
  },
  unknown: { tone: 'off', word: 'Unknown', detail: 'The target has not said yet what it holds.' },
};

/** What the target's copy is worth. */
export function targetDataWord(connection: ConnectionSnapshot): StatusWord {
  const { park } = connection;
  if (park?.kind === 'parked')
    return park.isComplete
      ? { tone: 'off', word: 'At rest', detail: 'A complete copy as of its cut; it does not change until it is reconnected.' }
      : { tone: 'warning', word: 'Incomplete', detail: 'At rest, but a mirror was owed or under way at its cut.' };
  return targetDataWords[connection.targetData];
}

/** Link and transmission in one word: the first thing that keeps data from moving wins. */
export function transmissionWord(connection: ConnectionSnapshot): StatusWord {
  const { transmission, link, park } = connection;
  if (connection.halt !== null) return { tone: 'bad', word: 'Halted', detail: connection.halt.cause };
  if (park !== null) {
    const detail = `By ${park.owner}${park.reason === '' ? '' : `: ${park.reason}`}.`;
    return park.kind === 'leaving'
      ? { tone: 'busy', word: 'Parking', detail: `${detail} It leaves its target when everything before the cut is applied.` }
      : { tone: 'off', word: 'Parked', detail: `${detail} The replica is at rest.` };
  }
  switch (transmission.kind) {
    case 'pausing':
      return { tone: 'paused', word: 'Pausing', detail: 'Waiting until the target has applied everything before the cut.' };
    case 'paused':
      return {
        tone: 'paused',
        word: 'Paused',
        detail: `By ${transmission.owner}. The target applied everything up to operation ${transmission.cut.sequence}.`,
      };
    case 'stopped':
      return {
        tone: 'off',
        word: 'Stopped',
        detail: `By ${transmission.owner}. The link is closed; changes wait on the source.`,
      };
    case 'waiting':
      return { tone: 'paused', word: 'Waiting', detail: `For ${transmission.owner}: ${transmission.reason}.` };
    case 'scheduled':
      return {
        tone: 'off',
        word: 'Scheduled',
        detail: `Held back by its schedule: ${transmission.reason}. Changes wait on the source.`,
      };
    case 'active':
      break;
  }
  if (connection.disconnection !== null && connection.replication === 'disconnected')
    return { tone: 'warning', word: 'Disconnected', detail: connection.disconnection.cause };
  switch (link.kind) {
    case 'connecting':
      return { tone: 'busy', word: 'Connecting', detail: 'The source is opening its link to the target.' };
    case 'down':
      return { tone: 'bad', word: 'Link down', detail: `${link.cause} Next attempt in ${duration(link.retryInMs)}.` };
    case 'stopped':
      return { tone: 'off', word: 'Stopped', detail: 'The link is closed; changes wait on the source.' };
    case 'up':
      return connection.replication === 'starting'
        ? { tone: 'busy', word: 'Starting', detail: 'Finding out what changed before the first change is sent.' }
        : { tone: 'good', word: 'Active', detail: 'Changes are sent as they happen.' };
  }
}

/** The mirror's state; a number only while there is one. */
export function mirrorWord(connection: ConnectionSnapshot): StatusWord {
  const { mirror } = connection;
  switch (mirror.kind) {
    case 'idle':
      return mirror.lastCompletedAt === null
        ? { tone: 'off', word: 'Never run', detail: 'No mirror has completed yet.' }
        : { tone: 'good', word: 'Idle', detail: 'The last mirror completed.' };
    case 'planning':
      return {
        tone: 'busy',
        word: 'Planning',
        detail: 'It has limits, so what it would do is found out first; nothing is sent yet.',
      };
    case 'limited':
      return {
        tone: 'warning',
        word: 'Asks',
        detail: connection.plan.question?.cause ?? 'Its plan goes beyond its limits. Resume it, or stop it; nothing was done.',
      };
    case 'calculating':
      return { tone: 'busy', word: 'Calculating', detail: 'Adding up what there is to mirror; files are already being sent.' };
    case 'mirroring':
      return {
        tone: 'busy',
        word: mirror.percent === null ? 'Mirroring' : percent(mirror.percent),
        detail: mirror.timeLeftMs === null ? 'Mirroring.' : `Mirroring, about ${duration(mirror.timeLeftMs)} left.`,
      };
    case 'paused':
      return {
        tone: 'paused',
        word: mirror.percent === null ? 'Paused' : `Paused ${percent(mirror.percent)}`,
        detail: 'The mirror keeps its place.',
      };
  }
}

const replicationWords: Readonly<Record<ConnectionSnapshot['replication'], StatusWord>> = {
  starting: { tone: 'busy', word: 'Starting', detail: 'Capture is being set up.' },
  replicating: { tone: 'good', word: 'Replicating', detail: 'Changes are captured as they happen.' },
  halted: { tone: 'bad', word: 'Halted', detail: 'Stopped until the question is answered.' },
  disconnected: { tone: 'warning', word: 'Disconnected', detail: 'Changes are not noted; a mirror finds them when it is back.' },
  parked: { tone: 'off', word: 'Parked', detail: 'The replica is at rest; changes are not noted until it is reconnected.' },
  pending: { tone: 'warning', word: 'Pending', detail: 'Back, but nothing is sent before a mirror is started.' },
};

/** Whether changes on the source are being captured. */
export function replicationWord(connection: ConnectionSnapshot): StatusWord {
  return replicationWords[connection.replication];
}

/** How a known server stands to this console. */
export function serverWord(server: KnownServer): StatusWord {
  switch (server.state.kind) {
    case 'connecting':
      return { tone: 'busy', word: 'Connecting', detail: 'Waiting for the server to answer.' };
    case 'online':
      return { tone: 'good', word: 'Online', detail: `Logged in as ${server.state.user}.` };
    case 'login-required':
      return {
        tone: 'warning',
        word: 'Login required',
        detail: 'The server answers; nobody is logged in to it from this console.',
      };
    case 'unreachable':
      return { tone: 'bad', word: 'Unreachable', detail: server.state.problem.cause };
  }
}

export const roleWords: Readonly<Record<Role, string>> = { admin: 'Administrator', monitor: 'Monitor' };

export function otherRole(role: Role): Role {
  return role === 'admin' ? 'monitor' : 'admin';
}

const replicaWords: Readonly<Record<ReplicaSnapshot['state'], StatusWord>> = {
  'waiting-for-source': { tone: 'off', word: 'Waiting for source', detail: 'The source is not connected to this replica now.' },
  receiving: { tone: 'good', word: 'Receiving', detail: 'Changes are taken and applied as they arrive.' },
  held: { tone: 'paused', word: 'Held', detail: 'Changes are taken and kept; the files stand still until the hold is lifted.' },
  retrying: { tone: 'warning', word: 'Retrying', detail: 'A change could not be applied yet and is tried again.' },
  released: { tone: 'off', word: 'Released', detail: 'The source ended the connection; the files stay.' },
};

/** How a replica that a server holds stands. */
export function replicaWord(replica: ReplicaSnapshot): StatusWord {
  return replicaWords[replica.state];
}

/** How the search for orphans stands. */
export function orphansWord({ orphans }: ConnectionSnapshot, search: OrphanSearch | null): StatusWord {
  if (orphans === null)
    return search === null
      ? { tone: 'off', word: 'Never searched', detail: 'Nobody has looked for orphans in this replica.' }
      : leftOrphans(search.left, 'Left by the last search.');
  switch (orphans.state) {
    case 'searching':
      return { tone: 'busy', word: 'Searching', detail: 'The replica is compared with the source, folder by folder.' };
    case 'stopped':
      return { tone: 'off', word: 'Stopped', detail: 'The search ended before it had seen everything.' };
    case 'done':
      return leftOrphans(search?.left ?? orphans.found, 'On the target and not on the source.');
  }
}

function leftOrphans(left: number, detail: string): StatusWord {
  return left === 0
    ? { tone: 'good', word: 'No orphans', detail: 'The target has nothing that the source has not.' }
    : { tone: 'warning', word: counted(left, 'orphan'), detail };
}
