import type {
  ConnectionSnapshot,
  MapSpec,
  MirrorOptions,
  ReplicaSnapshot,
  SetRule,
  VerifyOptions,
} from '../../src-main/api/index.ts';

/*
 * What the dialogs order, as commands of the scripting language. Each text runs as it stands once its servers are logged in to. Server names
 * are those of this console, which scripts of the same user share.
 */

/** A word as a script writes it: in quotes where the language needs them. */
export function scriptWord(text: string): string {
  return /^[A-Za-z0-9_.:-]+$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}

/** Commands for one source, which is chosen first. */
export function onSource(source: string, ...commands: readonly string[]): string {
  return [`source ${scriptWord(source)};`, ...commands].join(' ');
}

/** A command about a replica: through its source, or by its target where the source is not known here. */
export function replicaScript(
  command: string,
  rest: string,
  replica: Pick<ReplicaSnapshot, 'connectionId' | 'sourceName'>,
  source: ConnectionSnapshot | undefined,
  target: string,
): string {
  const words = rest === '' ? '' : ` ${rest}`;
  return source === undefined
    ? `${command} ${replica.connectionId}${words} on ${scriptWord(target)};`
    : onSource(replica.sourceName, `${command} ${source.number}${words};`);
}

/** The words of a mirror's kind; nothing stands for `all`. */
export function mirrorWords({ kind, newer, flaggedOnly, orphans }: MirrorOptions): string {
  const words: string[] = [];
  if (kind !== 'all') words.push('different');
  if (newer === true) words.push('newer');
  if (kind === 'checksum') words.push('checksum');
  if (flaggedOnly === true) words.push('flagged');
  if (orphans === true) words.push('orphans');
  return words.join(', ');
}

function withWords(command: string, words: string): string {
  return words === '' ? `${command};` : `${command} ${words};`;
}

export function mirrorScript({ number }: ConnectionSnapshot, options: MirrorOptions): string {
  return withWords(`mirror start ${number}`, mirrorWords(options) || 'all');
}

export function planScript({ number }: ConnectionSnapshot, options: MirrorOptions): string {
  return withWords(`mirror plan ${number}`, mirrorWords(options) || 'all');
}

export function reconnectScript({ number }: ConnectionSnapshot, options: MirrorOptions): string {
  return withWords(`reconnect ${number}`, mirrorWords(options) || 'all');
}

export function parkScript({ number }: ConnectionSnapshot, reason: string): string {
  return `park ${number}${reason === '' ? '' : ` reason "${reason.replaceAll('"', '""')}"`} nowait;`;
}

export function verifyScript({ number }: ConnectionSnapshot, { bytes, repair, orphans }: VerifyOptions): string {
  const words: string[] = [];
  if (repair !== 'none') words.push(repair === 'newer' ? 'mirror newer' : 'mirror');
  if (bytes) words.push('checksum');
  if (orphans) words.push('orphans');
  return withWords(`verify ${number}`, words.join(', '));
}

/** `days` 0 stands for all. */
export function purgeScript(connection: string, days: number, like: string): string {
  const which = days === 0 ? 'all' : `older ${days}`;
  return `deleted purge ${connection} ${which}${like === '' ? '' : ` like ${scriptWord(like)}`};`;
}

/** Makes a set with these rules and keeps it. */
export function setScript(name: string, rules: readonly SetRule[]): readonly string[] {
  return [
    `repset create ${scriptWord(name)};`,
    ...rules.map(
      ({ path, verdict, recursive }) => `repset rule add ${scriptWord(path)} ${verdict}${recursive ? '' : ' norecurs'};`,
    ),
    'repset save;',
  ];
}

export function connectScript(setName: string, target: string, map: MapSpec, mirror: MirrorOptions | null): string {
  const words = mirror === null ? 'nomirror' : mirrorWords(mirror);
  return withWords(`connect ${scriptWord(setName)} to ${scriptWord(target)} map ${mapScript(map)}`, words);
}

function mapScript(map: MapSpec): string {
  switch (map.kind) {
    case 'exact':
      return 'exact';
    case 'base':
      return `base ${scriptWord(map.base)}`;
    case 'pairs':
      return map.pairs.map(({ from, to }) => `${scriptWord(from)} to ${scriptWord(to)}`).join(', ');
  }
}
