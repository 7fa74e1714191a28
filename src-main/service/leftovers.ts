import type { CallInput, CallResult } from '../api/index.ts';
import { rawName, showName } from '../base/index.ts';
import type { Replicator } from '../engine/connection/index.ts';

const DAY_MS = 86_400_000;

/** What the newest search for orphans found in a replica that this server holds. */
export async function listOrphans(
  replicator: Replicator,
  { connectionId, offset, limit }: CallInput<'replica.orphans'>,
): Promise<CallResult<'replica.orphans'>> {
  const { entries } = await replicator.askReplica(connectionId, { kind: 'orphans', offset, limit });
  return {
    search: replicator.replicas().find((replica) => replica.connectionId === connectionId)?.orphans ?? null,
    entries: entries.map(({ path, kind, size, mtimeNs, outcome, why }) => ({
      path: showName(path),
      kind,
      bytes: size,
      modifiedAt: moment(mtimeNs),
      outcome,
      why,
    })),
  };
}

/** What the source of a replica deleted and this server keeps. */
export async function listKept(
  replicator: Replicator,
  { connectionId, search, offset, limit }: CallInput<'replica.kept'>,
): Promise<CallResult<'replica.kept'>> {
  const { totals, entries } = await replicator.askReplica(connectionId, { kind: 'kept', search: rawName(search), offset, limit });
  return {
    ...totals,
    entries: entries.map(({ path, kind, size, mtimeNs, deletedAtMs, setName }) => ({
      path: showName(path),
      kind,
      bytes: size,
      modifiedAt: moment(mtimeNs),
      deletedAt: new Date(deletedAtMs).toISOString(),
      setName,
    })),
  };
}

/** Removes kept entries for good. */
export async function purgeKept(
  replicator: Replicator,
  { connectionId, search, olderThanDays, untilBytes }: CallInput<'replica.purge-kept'>,
): Promise<CallResult<'replica.purge-kept'>> {
  const { removed, removedBytes, stayed } = await replicator.askReplica(connectionId, {
    kind: 'purge-kept',
    search: rawName(search),
    beforeMs: Date.now() - olderThanDays * DAY_MS,
    untilBytes: untilBytes ?? 0,
  });
  return { removed, removedBytes, stayed };
}

function moment(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
