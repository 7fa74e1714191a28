import { readFileSync, rmSync } from 'node:fs';
import { replaceFile } from '../../../config/index.ts';
import { syncFolder } from '../../fs/index.ts';
import type { ReplicaHold } from '../replicator-api.ts';

export type Hold = ReplicaHold;

/** The order of a replica, kept in `hold.json` in its folder; null when there is none. A file that cannot be understood still holds. */
export function readHold(folder: string): Hold | null {
  let text: string;
  try {
    text = readFileSync(`${folder}/hold.json`, 'utf8');
  } catch {
    return null;
  }
  try {
    const { owner, reason, since } = JSON.parse(text) as Partial<Record<keyof Hold, unknown>>;
    return { owner: String(owner), reason: String(reason), since: String(since) };
  } catch {
    return { owner: 'unknown', reason: 'the stored order cannot be read', since: new Date().toISOString() };
  }
}

/** Resolves when the order is on disk. */
export async function writeHold(folder: string, hold: Hold | null): Promise<void> {
  const file = `${folder}/hold.json`;
  if (hold !== null) {
    await replaceFile(file, JSON.stringify(hold));
    return;
  }
  rmSync(file, { force: true });
  await syncFolder(folder);
}
