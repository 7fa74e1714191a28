import type {
  OriginalFile,
  PlanEntry,
  PlanPage,
  ReplicaSnapshot,
  RestoreChoice,
  RestoreFrom,
  RestoreReport,
  RestoreSample,
  RestoreSnapshot,
  ServiceCaller,
} from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { Clock, DtclHost, RestoreRequest } from './host.ts';

const POLL_MS = 250;
const PAGE = 1_000;

/** The server that holds the data, and time to wait for it. */
export interface RestoreServers {
  readonly holder: ServiceCaller;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * What a person means by `what` on the server that holds it: an absolute path is a folder, anything else the set or the connection's id of a replica.
 * Rejects with `unknown-connection`, and `bad-input` for a set of which there are several replicas.
 */
export async function findFrom(holder: ServiceCaller, what: string, server: string): Promise<RestoreFrom> {
  if (/^(\/|[A-Za-z]:[\\/])/.test(what)) return { kind: 'folder', path: what };
  const wanted = what.toLowerCase();
  const found = (await holder.call('replica.list', null)).filter(
    ({ connectionId, setName }) => connectionId.toLowerCase() === wanted || setName.toLowerCase() === wanted,
  );
  const [one] = found;
  if (one === undefined) throw new ReplicationError('unknown-connection', { connection: what, server });
  if (found.length === 1) return { kind: 'replica', connectionId: one.connectionId };
  const ids = found.map(describeReplica).join(', ');
  throw new ReplicationError('bad-input', { text: `${server} has several replicas of “${what}”: name one by its id: ${ids}` });
}

function describeReplica({ connectionId, sourceName, roots }: ReplicaSnapshot): string {
  return `${connectionId} from ${sourceName} at ${roots.map(({ to }) => to).join(', ')}`;
}

/** Where it arrives: where it was, unless a folder is named. */
export function choiceOf(from: RestoreFrom, paths: readonly string[], folder: string | null): RestoreChoice {
  return { from, paths, to: folder === null ? { kind: 'origin' } : { kind: 'folder', path: folder } };
}

export interface WantedRestore extends Omit<RestoreRequest, 'choice' | 'drill'> {
  readonly what: string;
  readonly paths: readonly string[];
  /** Null: where it was. */
  readonly folder: string | null;
}

export async function beginRestore(
  host: Pick<DtclHost, 'calls' | 'restore'>,
  { what, paths, folder, ...order }: WantedRestore,
): Promise<RestoreSnapshot> {
  const from = await findFrom(host.calls(order.holder), what, order.holder);
  return host.restore({ ...order, choice: choiceOf(from, paths, folder), drill: null });
}

export interface WantedDrill extends Pick<RestoreRequest, 'holder' | 'receiver' | 'owners'> {
  readonly what: string;
  /** In which a folder of its own is made. */
  readonly folder: string;
  readonly files: number;
  /** Null: a new one. */
  readonly seed: string | null;
  /** The source, for a comparison with its files; null: it is not asked. */
  readonly source: ServiceCaller | null;
}

/** Draws a sample, asks the source for its files, and restores it into a folder that there is not yet. */
export async function beginDrill(
  host: Pick<DtclHost, 'calls' | 'restore' | 'clock'>,
  { what, folder, files, seed, source, ...order }: WantedDrill,
): Promise<RestoreSnapshot> {
  const holder = host.calls(order.holder);
  const from = await findFrom(holder, what, order.holder);
  const sample = await holder.call('restore.sample', { from, files, seed });
  const originals = source === null || from.kind !== 'replica' ? null : await originalsOf(source, from.connectionId, sample);
  const separator = /^[A-Za-z]:/.test(folder) ? '\\' : '/';
  const own = `${folder.replace(/[\\/]+$/, '')}${separator}drill-${host.clock.now().toISOString().replace(/[:.]/g, '-')}`;
  const choice = choiceOf(from, sample.files.map(({ path }) => path), own); // prettier-ignore
  const drill = { sample, originals };
  return host.restore({ ...order, choice, overwrite: 'always', checksum: false, plan: false, drill });
}

async function originalsOf(source: ServiceCaller, connectionId: string, { files }: RestoreSample): Promise<OriginalFile[]> {
  const originals: OriginalFile[] = [];
  for (const { path } of files) {
    try {
      originals.push(await source.call('connection.hash-file', { connectionId, path }));
    } catch (error) {
      // A file that is being written, or is too large for one call, proves nothing; the others still do.
      if (!(error instanceof ReplicationError) || !['busy', 'timeout', 'permission-denied'].includes(error.code)) throw error;
    }
  }
  return originals;
}

/** Looks until `isThere` says so, or the restore is over. */
export async function waitForRestore(
  { holder, clock, signal }: RestoreServers,
  restoreId: string,
  isThere: (restore: RestoreSnapshot) => boolean,
  limitMs: number | null = null,
): Promise<RestoreReport> {
  const startedAt = clock.now().getTime();
  for (;;) {
    const report = await look(holder, restoreId);
    if (report !== null && (report.restore.state === 'done' || isThere(report.restore))) return report;
    if (limitMs !== null && clock.now().getTime() - startedAt >= limitMs) {
      const waits = report?.restore.waitsFor ?? '';
      throw new ReplicationError('timeout', { text: `the restore ${restoreId} goes on${waits === '' ? '' : `: ${waits}`}` });
    }
    await clock.sleep(POLL_MS, signal);
  }
}

/** Null: the service does not answer now, because it starts anew, say. A look changes nothing. */
async function look(holder: ServiceCaller, restoreId: string): Promise<RestoreReport | null> {
  try {
    return await holder.call('restore.get', { restoreId });
  } catch (error) {
    if (error instanceof ReplicationError && ['link-lost', 'unreachable'].includes(error.code)) return null;
    throw error;
  }
}

/** What the plan of a restore lists, page by page. */
export async function* planEntries(holder: ServiceCaller, { connectionId, plan }: RestoreSnapshot): AsyncGenerator<PlanEntry> {
  for (let offset = 0, listed = plan === null ? 0 : 1; offset < listed; offset += PAGE) {
    const request = { connectionId, planId: plan?.id ?? null, action: null, offset, limit: PAGE };
    const page: PlanPage = await holder.call('mirror.planned', request);
    ({ listed } = page);
    yield* page.entries;
  }
}
