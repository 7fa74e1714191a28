import { existsSync } from 'node:fs';
import type { ChangesPage, ReplicaSnapshot } from '../api/index.ts';
import { rawName, ReplicationError, makeFolders } from '../base/index.ts';
import { consoleHome, fileSecretBox, openRegistry } from '../console/index.ts';
import { checkCertificate, pathFromText } from '../engine/connection/index.ts';
import type { Changes } from './changes-command.ts';
import { openLine } from './dtcl-host.ts';
import { typedPath } from './typed-path.ts';
import { typedTime } from './typed-time.ts';

const PAGE = 1_000;

type Line = Awaited<ReturnType<typeof openLine>>['session'];

/** Asks a target with the login that is stored for it. `since`: a certificate of the replica, or a time. */
export async function changesOnServer(
  wanted: string,
  serverName: string,
  { since, deleted = false, fingerprint }: { readonly since: string; readonly deleted?: boolean; readonly fingerprint?: string },
): Promise<Changes> {
  const home = consoleHome();
  makeFolders(home, 0o700);
  const registry = openRegistry(home, { box: fileSecretBox(home) });
  let session: Line;
  try {
    const server = registry.find(serverName);
    const login = registry.storedLogin(server.name);
    if (login === null) throw new ReplicationError('no-stored-login', { server: server.name });
    session = (await openLine(server, login)).session;
  } finally {
    registry.close();
  }
  try {
    const replica = replicaOf(await session.call('replica.list', null), wanted, serverName);
    const moment = await momentOf(since, fingerprint ?? null, replica);
    return { roots: replica.roots, list: pagesOf(session, replica, moment, deleted) };
  } catch (error) {
    session.close();
    throw error;
  }
}

async function* pagesOf(
  session: Line,
  { connectionId, roots }: ReplicaSnapshot,
  since: string,
  removed: boolean,
): Changes['list'] {
  try {
    let after: string | null = null;
    do {
      const page: ChangesPage = await session.call('replica.changes', { connectionId, since, removed, after, limit: PAGE });
      if (after === null && removed && page.removalsSince > since)
        process.stderr.write(`understudy: what was removed before ${page.removalsSince} is not known.\n`);
      for (const { root, path, kind, what } of page.entries) {
        const folder = rawName(roots[root]?.to ?? '');
        const absolute = pathFromText(path);
        yield { root, path: absolute === folder ? '' : absolute.slice(folder === '/' ? 1 : folder.length + 1), kind, what };
      }
      after = page.next;
    } while (after !== null);
  } finally {
    session.close();
  }
}

function replicaOf(replicas: readonly ReplicaSnapshot[], wanted: string, serverName: string): ReplicaSnapshot {
  const found = replicas.filter(
    ({ connectionId, setName }) =>
      connectionId.toLowerCase() === wanted.toLowerCase() || setName.toLowerCase() === wanted.toLowerCase(),
  );
  const [one] = found;
  if (one === undefined) throw new ReplicationError('unknown-connection', { connection: wanted, server: serverName });
  if (found.length === 1) return one;
  const ids = found.map(({ connectionId, sourceName }) => `${connectionId} from ${sourceName}`).join(', ');
  throw new ReplicationError('bad-input', {
    text: `${serverName} has several replicas of “${wanted}”: name one by its id: ${ids}`,
  });
}

/** ISO time. */
async function momentOf(since: string, fingerprint: string | null, { connectionId, setName }: ReplicaSnapshot): Promise<string> {
  const file = typedPath(since);
  if (existsSync(file)) {
    const { head } = await checkCertificate(file, fingerprint);
    if (head.connection === connectionId) return head.startedAt;
    throw new ReplicationError('bad-input', { text: `the certificate ${since} is not of this replica of “${setName}”` });
  }
  const time = typedTime(since);
  if (time === null)
    throw new ReplicationError('bad-input', { text: `“${since}” is neither a certificate nor a time such as 2026-11-22T02:00` });
  return time;
}
