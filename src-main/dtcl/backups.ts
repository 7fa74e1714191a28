import type { BackupName, BackupView, BackupWindow, CertificateSummary, ServiceCaller } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { Clock } from './host.ts';

const POLL_MS = 200;
/** A certificate needs the target to know that the replica stands still, which it is told with the cut. */
const STANDSTILL_MS = 30_000;

/** The services that a backup window may concern. */
export interface BackupServers {
  readonly source: ServiceCaller;
  /** The target of a view; null where there is no login to it. */
  readonly target: (view: BackupView) => Promise<ServiceCaller | null>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface BackupRequest {
  readonly name: string;
  /** Where the set goes, if it goes to several places. */
  readonly target: string | null;
  readonly owner: string;
}

export interface BeginRequest extends BackupRequest {
  /** For a live connection; what is at rest is read as it is. */
  readonly method: 'pause' | 'hold';
  readonly reason: string;
  readonly maxMinutes: number;
  /** How long it is tried while the answer is `wait`. */
  readonly waitMs: number;
}

/** `isNew`: there was no window of this owner before. */
export interface Begun {
  readonly view: BackupView;
  readonly isNew: boolean;
}

/** Begins a window, or finds the one that this owner has, and waits until the replica may be read. Rejects with `window-open` for another's. */
export async function beginBackup(servers: BackupServers, request: BeginRequest): Promise<Begun> {
  const { clock, signal } = servers;
  const isNew = (await findView(servers, request)).window?.owner !== request.owner;
  const startedAtMs = clock.now().getTime();
  for (;;) {
    const view = await beginOnce(servers, request);
    if (view.verdict.kind !== 'wait' || clock.now().getTime() - startedAtMs >= request.waitMs) return { view, isNew };
    await clock.sleep(POLL_MS, signal);
  }
}

/** What is true now, and the window if there is one, wherever it is. */
export async function findView(servers: BackupServers, { name, target }: Omit<BackupRequest, 'owner'>): Promise<BackupView> {
  const view = await servers.source.call('backup.look', { side: 'source', name, target });
  if (view.window !== null) return view;
  const calls = await servers.target(view);
  if (calls === null) return view;
  // The replica may be gone from its target; then there is no window either.
  const held = await calls.call('backup.look', replicaOf(view)).catch(unless('unknown-connection', null));
  return held?.window == null ? view : withHeld(view, held);
}

/** Gives back what the owner's window took; `ended` null: there was none. Rejects with `window-open` for another owner's. */
export async function endBackup(
  servers: BackupServers,
  request: BackupRequest,
): Promise<{ readonly view: BackupView; readonly ended: BackupWindow | null }> {
  const { name, target, owner } = request;
  const view = await findView(servers, request);
  if (view.window?.method !== 'hold') return servers.source.call('backup.end', { side: 'source', name, target, owner });
  const calls = await requireTarget(servers, view);
  const { ended } = await calls.call('backup.end', { ...replicaOf(view), owner });
  return { view: await findView(servers, request), ended };
}

/** Makes a certificate of a replica that stands still for a window. */
export async function certifyBackup(servers: BackupServers, view: BackupView): Promise<CertificateSummary> {
  const { clock, signal } = servers;
  const calls = await requireTarget(servers, view);
  const { connectionId } = view;
  const look = async () =>
    (await calls.call('replica.list', null)).find((one) => one.connectionId === connectionId)?.certificates;
  const untilMs = clock.now().getTime() + STANDSTILL_MS;
  let before: Awaited<ReturnType<typeof look>>;
  for (;;) {
    before = await look();
    try {
      await calls.call('certificate.make', { connectionId, full: false });
      break;
    } catch (error) {
      // It is being told of the cut, or makes one by itself.
      const isPassing = error instanceof ReplicationError && ['replica-moving', 'certificate-running'].includes(error.code);
      if (!isPassing || clock.now().getTime() > untilMs) throw error;
      await clock.sleep(POLL_MS, signal);
    }
  }
  for (;;) {
    const now = await look();
    if (now === undefined) throw new ReplicationError('unknown-connection', { connection: connectionId });
    if (now.run === null && now.failure !== null && now.failure.at !== before?.failure?.at)
      throw new ReplicationError('replica-moving', { isMeanwhile: true });
    if (now.run === null && now.last !== null && now.last.id !== before?.last?.id) return now.last;
    await clock.sleep(POLL_MS, signal);
  }
}

/** The target of a view. Rejects with `no-stored-login` where there is no login to it. */
export async function requireTarget(servers: BackupServers, view: BackupView): Promise<ServiceCaller> {
  const calls = await servers.target(view);
  if (calls === null) throw new ReplicationError('no-stored-login', { server: view.targetName });
  return calls;
}

async function beginOnce(servers: BackupServers, request: BeginRequest): Promise<BackupView> {
  const { name, target, owner, reason, maxMinutes, method } = request;
  const order = { owner, reason, maxMinutes };
  const view = method === 'pause' ? null : await findView(servers, request);
  // Held is what is live and well; what is at rest, or has a window already, is the source's.
  const isHeld = view !== null && view.method !== 'rest' && (view.window === null || view.window.method === 'hold');
  if (!isHeld) return servers.source.call('backup.begin', { side: 'source', name, target, ...order });
  if (view.window === null && view.verdict.kind !== 'go') return view;
  const calls = await requireTarget(servers, view);
  return withHeld(view, await calls.call('backup.begin', { ...replicaOf(view), ...order }));
}

function replicaOf({ connectionId }: BackupView): BackupName {
  return { side: 'target', name: connectionId, target: null };
}

/** What the source knows of a replica, with what the target knows of its hold. */
function withHeld(view: BackupView, { verdict, method, window, copy }: BackupView): BackupView {
  return { ...view, verdict, method, window, copy: copy ?? view.copy };
}

function unless<T>(code: ReplicationError['code'], otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof ReplicationError && error.code === code) return otherwise;
    throw error;
  };
}
