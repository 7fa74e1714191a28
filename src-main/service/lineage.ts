import type { MappedRoot, Offer, Origin } from '../api/index.ts';
import { rawName, ReplicationError } from '../base/index.ts';
import { pathsOverlap, type ConnectionSpec, type ReplicaSpec } from '../engine/connection/index.ts';

/** This server, as an origin names it. */
export interface Server {
  readonly fingerprint: string;
  readonly name: string;
}

/** For each root of an offer: this server, and what is known of where the data there come from if they are a replica themselves. */
export function lineageOf(roots: readonly MappedRoot[], server: Server, replicas: readonly ReplicaSpec[]): Origin[][] {
  return roots.map(({ from }) => [
    { fingerprint: server.fingerprint, server: server.name, path: from },
    ...replicas.flatMap((replica) => replica.roots.flatMap(({ to }, i) => (overlap(to, from) ? (replica.lineage[i] ?? []) : []))),
  ]);
}

/**
 * Refuses (`map-loop`) data that come from where they would arrive, over however many servers; also when the circle closes only behind
 * this server, because it sends the place on to where the data come from.
 */
export function refuseCircle(
  offer: Pick<Offer, 'lineage'>,
  roots: readonly MappedRoot[],
  server: Server,
  connections: readonly ConnectionSpec[],
): void {
  for (const [i, { to }] of roots.entries()) {
    const onward = connections.flatMap(({ targetFingerprint, targetName, roots: sent }) =>
      sent
        .filter(({ from }) => overlap(from, to))
        .map((root) => ({ fingerprint: targetFingerprint, server: targetName, path: root.to })),
    );
    const arrives: Origin[] = [{ fingerprint: server.fingerprint, server: server.name, path: to }, ...onward];
    for (const place of arrives) {
      const origin = offer.lineage[i]?.find(
        ({ fingerprint, path }) => fingerprint === place.fingerprint && overlap(path, place.path),
      );
      if (origin === undefined) continue;
      throw new ReplicationError('map-loop', {
        path: to,
        text: `the data come from ${origin.path} on ${origin.server}, and would arrive there again`,
      });
    }
  }
}

/** What is allowed and worth knowing: data of another source arrive in the same folder. */
export function neighbourWarnings(
  roots: readonly MappedRoot[],
  sourceFingerprint: string,
  replicas: readonly ReplicaSpec[],
): string[] {
  const warnings = replicas
    .filter((replica) => replica.sourceFingerprint !== sourceFingerprint)
    .flatMap((replica) =>
      replica.roots.flatMap((other) =>
        roots
          .filter(({ to }) => parent(to) === parent(other.to))
          .map(
            ({ to }) =>
              `${parent(to)} also holds “${replica.setName}” from ${replica.sourceName}, at ${other.to}: ` +
              'put the name of the source into the base folder to keep the data of two servers apart.',
          ),
      ),
    );
  return [...new Set(warnings)];
}

function overlap(one: string, other: string): boolean {
  return pathsOverlap(rawName(one), rawName(other));
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
