import { Command, Option } from 'commander';
import { rawName, ReplicationError, showName } from '../base/index.ts';
import {
  checkCertificate,
  compareCopy,
  manifestOf,
  pathToText,
  type AttributeName,
  type CheckedCertificate,
  type CopyDifference,
} from '../engine/connection/index.ts';
import { backupResultText, type BackupResult } from './backup-result.ts';
import { collect } from './collect.ts';
import { ExitCode } from './exit-code.ts';
import { typedPath } from './typed-path.ts';
import { existsSync } from 'node:fs';

interface Options {
  fingerprint?: string;
  root?: string;
  quick?: boolean;
  ignore: string[];
  json?: boolean;
}

const attributes: readonly AttributeName[] = ['time', 'mode', 'owner'];

/** `understudy verify-backup`: exit code 0 equal, 1 it differs, 2 the certificate is not to be trusted or nothing could be compared. */
export function verifyBackupCommand(): Command {
  return new Command('verify-backup')
    .description('Compare a restored copy of a replica with its certificate. Needs no service.')
    .argument('<dir>', 'the copy: of the only root or the one of --root; else the folder in which each root has its whole path')
    .argument('<certificate>', 'the file that the target made')
    .option('--fingerprint <fp>', 'of the server that must have signed, as it printed it and consoles have pinned it')
    .option('--root <n>', 'compare this root only, numbered as in the certificate: 0 is the first')
    .option('--quick', 'take content for the same where kind and size are')
    .addOption(
      new Option('--ignore <attribute>', 'what the copy need not have kept; repeatable')
        .choices([...attributes])
        .argParser(collect)
        .default([], 'nothing'),
    )
    .option('--json', 'one JSON object for each difference, and one for the result')
    .addHelpText(
      'after',
      '\nExit codes: 0 equal, 1 it differs, 2 the certificate is not to be trusted, or nothing could be compared.',
    )
    .action(verifyBackup);
}

async function verifyBackup(dir: string, file: string, options: Options): Promise<void> {
  // A reader that has seen enough (head, less) does not get to know whether all is equal.
  process.stdout.on('error', () => process.exit(2));
  const certificate = await checkCertificate(typedPath(file), options.fingerprint ?? null);
  const places = placesIn(typedPath(dir), certificate, options.root);
  const write = options.json ? jsonLine : textLine;
  const [isQuick, ignored] = [options.quick ?? false, ignoredOf(options.ignore)];
  const counts = await compareCopy(manifestOf(certificate), {
    places,
    isQuick,
    ignored,
    onDifference: (difference) => process.stdout.write(write(difference, places.get(difference.root) ?? '')),
  });
  if (counts.entries === 0)
    throw new ReplicationError('bad-input', { text: 'the certificate has no entry of what is to be compared' });
  const isEqual = counts.missing + counts.additional + counts.different + counts.attributes + counts.unreadable === 0;
  const facts = {
    certificate,
    counts,
    isEqual,
    isQuick,
    ignored: [...ignored],
    isSignerKnown: options.fingerprint !== undefined,
  };
  process.stdout.write(options.json ? jsonResult(facts) : backupResultText(facts));
  if (!isEqual) throw new ExitCode(1);
}

/** Where the copy of each root lies that is compared. */
function placesIn(dir: string, { head }: CheckedCertificate, root: string | undefined): ReadonlyMap<number, string> {
  if (!existsSync(dir)) throw new ReplicationError('not-found', { path: dir });
  const only = root === undefined ? (head.roots.length === 1 ? 0 : null) : Number(root);
  if (only === null) {
    const places = head.roots.map(({ to }) => (dir === '/' ? to : dir + to));
    // Of a copy that lacks a root it is told what is missing; without any of them another folder is meant.
    if (!places.some((place) => existsSync(place)))
      throw new ReplicationError('not-found', { path: places.map((place) => showName(rawName(place))).join(', ') });
    return new Map(places.map((place, i) => [i, rawName(place)]));
  }
  if (!/^\d+$/.test(root ?? '0') || only >= head.roots.length) {
    const known = head.roots.map(({ to }, i) => `${i} ${to}`).join(', ');
    throw new ReplicationError('bad-input', { text: `the certificate has no root ${root ?? ''}; it has ${known}` });
  }
  return new Map([[only, rawName(dir)]]);
}

function ignoredOf(typed: readonly string[]): ReadonlySet<AttributeName> {
  const unknown = typed.find((name) => !attributes.some((known) => known === name));
  if (unknown !== undefined)
    throw new ReplicationError('bad-input', { text: `“${unknown}” is none of ${attributes.join(', ')}` });
  return new Set(attributes.filter((name) => typed.includes(name)));
}

function inCopy(place: string, path: string): string {
  return path === '' ? place : `${place === '/' ? '' : place}/${path}`;
}

function textLine({ what, path, properties, why }: CopyDifference, place: string): string {
  const how = properties.length > 0 ? `  (${properties.join(', ')})` : why === null ? '' : `  (${why})`;
  return `${what.padEnd(10)}  ${showName(inCopy(place, path))}${how}\n`;
}

function jsonLine({ what, root, path, properties, why }: CopyDifference, place: string): string {
  return `${JSON.stringify({ what, root, path: pathToText(inCopy(place, path)), properties, why })}\n`;
}

function jsonResult({ certificate: { head, end, fingerprint }, isEqual, ...facts }: BackupResult): string {
  return `${JSON.stringify({ result: isEqual ? 'equal' : 'differs', ...facts, head, end, fingerprint })}\n`;
}
