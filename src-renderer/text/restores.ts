import type {
  DrilledFile,
  DrillProof,
  MirrorResult,
  OverwritePolicy,
  RestoreChoice,
  RestoreSnapshot,
} from '../../src-main/api/index.ts';
import { bytes, count, counted } from './format.ts';
import { scriptWord } from './scripts.ts';
import type { StatusWord } from './status.ts';

/** Which existing files are replaced, as a person chooses. */
export const overwriteChoices: readonly {
  readonly value: OverwritePolicy;
  readonly label: string;
  readonly explanation: string;
}[] = [
  {
    value: 'different',
    label: 'Those that are different',
    explanation: 'By date, size or attributes. What is equal is left alone.',
  },
  {
    value: 'older',
    label: 'Those that are older',
    explanation: 'Only where the replica’s is newer. What was changed there since stays.',
  },
  { value: 'never', label: 'None', explanation: 'Only what is missing comes.' },
  { value: 'always', label: 'All', explanation: 'Every file is sent whole, without comparing.' },
];

export function overwriteWord(policy: OverwritePolicy): string {
  return overwriteChoices.find(({ value }) => value === policy)?.label ?? policy;
}

/** What is restored: `everything`, one path, or how many; of a drill how many files. */
export function chosenWords({ kind, choice: { paths } }: Pick<RestoreSnapshot, 'kind' | 'choice'>): string {
  if (kind === 'drill') return `${counted(paths.length, 'file')} at random`;
  const [only, ...others] = paths;
  if (only === undefined) return 'everything';
  return others.length === 0 ? only : counted(paths.length, 'path');
}

export function arrivalWords({ to }: Pick<RestoreChoice, 'to'>): string {
  return to.kind === 'origin' ? 'where it was' : `below ${to.path}`;
}

const running: Readonly<Record<Exclude<RestoreSnapshot['state'], 'done' | 'planned'>, StatusWord>> = {
  holding: { tone: 'busy', word: 'Coming to rest', detail: 'The replica is brought to rest, so that it can be read.' },
  planning: { tone: 'busy', word: 'Planning', detail: 'What would be created and replaced is found out.' },
  copying: { tone: 'busy', word: 'Copying', detail: 'Files are sent to the server that receives them.' },
  verifying: { tone: 'busy', word: 'Verifying', detail: 'Every byte is compared.' },
  ending: { tone: 'busy', word: 'Ending', detail: 'The replica goes on, and the report is written.' },
};
const outcomes: Readonly<Record<'restored' | 'different' | 'failed' | 'cancelled', StatusWord>> = {
  restored: { tone: 'good', word: 'Restored', detail: 'Every byte of what was restored was compared, and is equal.' },
  different: { tone: 'warning', word: 'Not complete', detail: 'The verification found differences.' },
  failed: { tone: 'bad', word: 'Failed', detail: '' },
  cancelled: { tone: 'off', word: 'Cancelled', detail: 'What was restored before stays.' },
};

/** How far a restore is, or how it ended, in one word. */
export function restoreWord({ kind, state, result, waitsFor }: RestoreSnapshot): StatusWord {
  if (state === 'planned')
    return { tone: 'paused', word: 'Planned', detail: 'It waits for the order to go on, or to be dropped. Nothing was changed.' };
  if (state !== 'done') return waitsFor === '' ? running[state] : { ...running[state], detail: waitsFor };
  if (result === null) return { tone: 'off', word: 'Over', detail: '' };
  const word = outcomes[result.outcome];
  if (kind === 'drill' && result.drill !== null && result.outcome !== 'cancelled')
    return result.drill.isPassed
      ? { tone: 'good', word: 'Passed', detail: 'Nothing contradicted the files that were restored.' }
      : { tone: 'bad', word: 'Drill failed', detail: result.why };
  return result.why === '' ? word : { ...word, detail: result.why };
}

/** How much was sent, and how much is left, in a sentence. */
export function progressWords({ progress }: RestoreSnapshot): string {
  if (progress === null) return '';
  const { sentBytes, skippedBytes, remainingBytes } = progress;
  const left = remainingBytes === null ? '' : `, ${bytes(remainingBytes)} left`;
  return `${bytes(sentBytes)} sent, ${bytes(skippedBytes)} equal${left}`;
}

/** Null while nobody knows. */
export function progressPercent({ progress, state }: RestoreSnapshot): number | null {
  if (state !== 'copying' || progress?.remainingBytes == null) return null;
  const done = progress.sentBytes + progress.skippedBytes;
  return done + progress.remainingBytes === 0 ? null : (done / (done + progress.remainingBytes)) * 100;
}

const proofs: Readonly<Record<DrillProof, string>> = {
  equal: 'equal',
  different: 'contradicts',
  changed: 'changed since',
  absent: 'not there',
  unread: 'not read',
  none: 'none',
};

/** What a proof says of a file of a drill. */
export function proofWord(proof: DrillProof): string {
  return proofs[proof];
}

/** Whether a file of a drill is as it should be. */
export function drilledWord({ why, certificate, source }: DrilledFile): StatusWord {
  if (why !== null) return { tone: 'bad', word: 'Not as it should be', detail: why };
  return certificate === 'equal' || source === 'equal'
    ? { tone: 'good', word: 'Proven', detail: 'The certificate or the source confirmed its content.' }
    : { tone: 'off', word: 'Restored', detail: 'It was restored byte by byte; nothing confirmed its content.' };
}

/** A restore as a person puts it together, for the script. */
export interface WantedRestore {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly base: string | null;
  readonly owners: 'number' | 'name';
}

export interface RestoreHow {
  readonly paths: readonly string[];
  readonly overwrite: OverwritePolicy;
  readonly checksum: boolean;
  readonly plan: boolean;
}

export function restoreScript(
  { what, from, to, base, owners }: WantedRestore,
  { paths, overwrite, checksum, plan }: RestoreHow,
): string {
  const words = [
    `restore${plan ? ' plan' : ''} ${scriptWord(what)} from ${scriptWord(from)} to ${scriptWord(to)}`,
    ...(paths.length === 0 ? [] : [`only ${paths.map(scriptWord).join(' ')}`]),
    ...(base === null ? [] : [`base ${scriptWord(base)}`]),
    ...(overwrite === 'different' ? [] : [`overwrite ${overwrite}`]),
    ...(checksum ? ['checksum'] : []),
    ...(owners === 'name' ? ['owners'] : []),
    ...(plan ? ['keep'] : []),
  ];
  return `${words.join(' ')};`;
}

export function drillScript(
  { what, from, to, base, owners }: WantedRestore,
  { files, seed, source }: { readonly files: number; readonly seed: string; readonly source: string | null },
): string {
  const words = [
    `restore drill ${scriptWord(what)} from ${scriptWord(from)} to ${scriptWord(to)} base ${scriptWord(base ?? '')}`,
    `files ${files}`,
    ...(seed === '' ? [] : [`seed ${scriptWord(seed)}`]),
    ...(source === null ? [] : [`source ${scriptWord(source)}`]),
    ...(owners === 'name' ? ['owners'] : []),
  ];
  return `${words.join(' ')};`;
}

/** `restore go … on beta;` */
export function restoreOrderScript(verb: 'go' | 'cancel' | 'status', id: string, server: string): string {
  return `restore ${verb} ${scriptWord(id)} on ${scriptWord(server)};`;
}

/** What a drill came to: `20 of 18,231 files drawn, 18 proven, none contradicted`. */
export function drillWords({ result }: RestoreSnapshot): string {
  const drill = result?.drill ?? null;
  if (drill === null) return '';
  const wrong = drill.failed === 0 ? 'none is other than it should be' : `${count(drill.failed)} not as they should be`;
  return `${count(drill.sample.files.length)} of ${counted(drill.sample.population.files, 'file')} drawn, ${count(drill.proven)} proven, ${wrong}`;
}

/** What came, and why the rest did not. */
export function cameWords({ sentFiles, sentBytes, skippedFiles, leftFiles }: MirrorResult): string {
  const came = `${counted(sentFiles, 'file')}, ${bytes(sentBytes)}, came`;
  if (skippedFiles === 0) return `${came}.`;
  const why = leftFiles === 0 ? 'because they were equal' : `of which ${count(leftFiles)} differ and were left, as was chosen`;
  return `${came}; ${counted(skippedFiles, 'file')} did not, ${why}.`;
}
