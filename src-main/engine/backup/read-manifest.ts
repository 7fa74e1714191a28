import { createHash } from 'node:crypto';
import { linesOf, rawName } from '../../base/index.ts';
import { codedError } from '../fs/index.ts';
import { MOST_HEAD_BYTES } from './certificate-head.ts';
import { badCertificate, type CheckedCertificate } from './certificate.ts';
import { compareEntries, END_LINE, ENTRY_LINE, entryFromLine, type ManifestEntry } from './manifest-entry.ts';

/**
 * The entries of a certificate that was checked, in the order of `compareEntries`, each of one of its roots. Rejects with `bad-certificate`
 * for what is no entry or out of order, and at the end unless they were the ones that were checked: a file, or what a disk makes of it, may be
 * another one by then. Rejects with coded errors of the disk, `damaged-data` for a line beyond all measure.
 */
export async function* manifestOf({ file, head, end }: CheckedCertificate): AsyncGenerator<ManifestEntry> {
  const hash = createHash('sha256');
  let before: ManifestEntry | null = null;
  let isHead = true;
  try {
    for await (const line of linesOf(file, MOST_HEAD_BYTES)) {
      if (line.startsWith(END_LINE)) break;
      if (isHead) {
        isHead = false;
        continue;
      }
      if (!line.startsWith(ENTRY_LINE)) throw badCertificate(file, 'a line of it describes no entry');
      hash.update(line).update('\n');
      const entry = entryFromLine(line, file);
      if (head.roots[entry.root] === undefined) throw badCertificate(file, 'an entry of it is of no root that it names');
      if (before !== null && compareEntries(before, entry) >= 0) throw badCertificate(file, 'its entries are not in order');
      before = entry;
      yield entry;
    }
  } catch (error) {
    throw codedError(error, rawName(file));
  }
  if (hash.digest('hex') !== end.sha256) throw badCertificate(file, 'it changed after its signature was checked');
}
