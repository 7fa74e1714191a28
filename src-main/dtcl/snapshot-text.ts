import type { StoredSnapshot } from '../api/index.ts';
import { formatBytes } from '../base/index.ts';

/** One line for a list. */
export function showSnapshot({ id, setName, sourceName, cut, appliedSequence, isGood, ...facts }: StoredSnapshot): string {
  const { name, takenBy, files, bytes, leftOut, certificateId } = facts;
  const at =
    cut?.sequence === appliedSequence ? `cut ${cut.sequence} (${cut.label}) of ${cut.at}` : `operation ${appliedSequence}`;
  const size = files === null || bytes === null ? '' : `, ${files} files, ${formatBytes(bytes)}`;
  return (
    `${id}  ${setName} from ${sourceName}, ${at}${size}, by ${takenBy}${name === '' ? '' : `: ${name}`}` +
    (isGood ? '' : '  [not taken at a good state]') +
    (leftOut === 0 ? '' : `  [${leftOut} special files left out]`) +
    (certificateId === null ? '' : `  certificate ${certificateId}`)
  );
}

/** Where it lies, a line for each place that holds anything. */
export function showPlaces({ roots }: StoredSnapshot): readonly string[] {
  return roots
    .filter(({ kind }) => kind !== 'none')
    .map(({ place, kind }) => `  ${place}${kind === 'subvolume' ? '' : '  (clones)'}`);
}

/** After a revert; `kept`: the snapshot of what was there before. */
export function showReverted({ setName, id }: StoredSnapshot, snapshotId: string): string {
  return `The replica of ${setName} holds the snapshot ${snapshotId} now. What it held before: ${id}.`;
}
