import type { CatalogRow } from '../../catalog/index.ts';
import type { ExpectedFile } from '../../wire/index.ts';

/**
 * What the target must have where an op goes, so that it can tell that somebody else changed it. Only where that is certain: a file with
 * several names has times that came under another of them.
 */
export function expectedFile(row: CatalogRow | null): { readonly expects?: ExpectedFile } {
  if (row?.kind !== 'file' || row.trust !== 'known' || row.nlink > 1) return {};
  return { expects: { size: row.size, mtimeNs: row.mtimeNs } };
}
