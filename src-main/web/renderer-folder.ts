import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ReplicationError } from '../base/index.ts';

/** Where the built pages lie: `dist/renderer`, seen from the sources or from `dist/main`. Throws `not-built`. */
export function builtRendererFolder(here = import.meta.url): string {
  const built = here.lastIndexOf('/dist/main/');
  const root = built < 0 ? new URL('../../', here).href : here.slice(0, built + 1);
  const folder = fileURLToPath(new URL('dist/renderer', root));
  if (!existsSync(join(folder, 'index.html'))) throw new ReplicationError('not-built', { path: folder });
  return folder;
}
