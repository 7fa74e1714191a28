import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Consistency } from '../../src-main/api/index.ts';
import { eventually } from './eventually.ts';
import type { Replica } from './replica.ts';
import type { ServicePair } from './service-pair.ts';

export interface Backup {
  readonly folder: string;
  readonly label: Consistency;
  readonly why: string | null;
  /** How the program that freezes the application ended; null where there is none. */
  readonly freeze: string | null;
}

/** Brings the replica to stand still, by a pause of the source or a hold of the target, copies it as it then is, and lets it go on. */
export async function backUp(pair: ServicePair, replica: Replica, by: 'pause' | 'hold'): Promise<Backup> {
  const connectionId = replica.id;
  const { side, begin, end } =
    by === 'pause'
      ? ({ side: 'source', begin: 'transmission.pause', end: 'transmission.resume' } as const)
      : ({ side: 'target', begin: 'replica.hold', end: 'replica.resume' } as const);
  const before = (await replica.get()).hooks.last;
  await pair.call(side, begin, { connectionId, reason: 'backup' });
  const { label, why } = by === 'pause' ? await paused(replica) : await held(replica);
  mkdirSync(`${pair.folder}/backups`, { recursive: true });
  const folder = `${pair.folder}/backups/${connectionId}-${Date.now()}`;
  execFileSync('cp', ['-a', replica.target, folder]);
  await pair.call(side, end, { connectionId });
  const { hooks } = await replica.when('the application goes on', (snapshot) => ['off', 'ready'].includes(snapshot.hooks.state));
  const freeze = isDeepStrictEqual(hooks.last, before) ? null : (hooks.last?.freeze?.outcome ?? null);
  return { folder, label, why, freeze };
}

async function paused(replica: Replica): Promise<Pick<Backup, 'label' | 'why'>> {
  const { transmission } = await replica.when('it is paused', ({ transmission: t }) => t.kind === 'paused');
  if (transmission.kind !== 'paused') throw new Error('not paused');
  const { label, why = null } = transmission.cut;
  return { label, why };
}

async function held(replica: Replica): Promise<Pick<Backup, 'label' | 'why'>> {
  const { consistency } = await eventually('it is held', async () => {
    const found = await replica.held();
    return found.state === 'held' ? found : null;
  });
  return { label: consistency, why: (await replica.get()).consistencyWhy };
}
