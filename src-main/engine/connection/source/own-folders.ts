import { join } from 'node:path';
import type { ServiceSettings } from '../../../api/index.ts';
import { rawName, ReplicationError } from '../../../base/index.ts';
import { compileRules, resolveTargetPath, type CompiledRules } from '../../model/index.ts';
import type { ConnectionSpec, Volume } from '../replicator-api.ts';

interface Where {
  readonly dataDir: string;
  readonly volumes: readonly Volume[];
}

/** The folder of all queues on disk. Throws `bad-path`, `volume-unknown`. */
export function pagefileFolder({ pagefile }: ServiceSettings, { dataDir, volumes }: Where): string {
  return pagefile.folder === null
    ? join(dataDir, 'pagefile')
    : join(resolveTargetPath(pagefile.folder, volumes), 'understudy-pagefile');
}

/** Refuses a set that holds what the service writes for itself: each op would be a change that makes another. Throws `queue-inside-set`. */
export function refuseOwnFolders(rules: CompiledRules, folders: readonly string[], set: string | null = null): void {
  const inside = folders.find((folder) => rules.selects(rawName(folder), true));
  if (inside !== undefined) throw new ReplicationError('queue-inside-set', { path: inside, set });
}

/** Whether the settings give the queues a place that no connected set holds. Throws `queue-inside-set`, `bad-path`, `volume-unknown`. */
export function checkPagefile(settings: ServiceSettings, where: Where, specs: readonly ConnectionSpec[]): void {
  const folder = pagefileFolder(settings, where);
  for (const { rules, setName } of specs) refuseOwnFolders(compileRules(rules, where.volumes), [folder], setName);
}
