import { ReplicationError } from '../../base/index.ts';
import { badCertificate, FORMAT, FORMAT_VERSION, type CertificateHead } from './certificate.ts';
import { isCount } from './manifest-entry.ts';

/** A head names its roots, at most a thousand of them with long paths. */
export const MOST_HEAD_BYTES = 16 * 1024 * 1024;

type Facts = Readonly<Record<string, unknown>>;

/**
 * The head that a first line holds. Whoever made the file may have written anything there: what is read from it further on is checked here.
 * Throws `bad-certificate` with what is wrong, `newer-data`.
 */
export function headOf(value: Facts, file: string): CertificateHead {
  if (value.format !== FORMAT) throw badCertificate(file, 'it is no certificate of Understudy');
  const { version } = value;
  if (!isCount(version) || version === 0) throw badCertificate(file, 'it does not say which version it has');
  if (version > FORMAT_VERSION) throw new ReplicationError('newer-data', { path: file, found: version, known: FORMAT_VERSION });
  const isHead =
    hasTexts(value, ['id', 'connection', 'set', 'startedBy', 'startedAt']) &&
    isTime(value.startedAt) &&
    hasTexts(value.source, ['name', 'fingerprint']) &&
    hasTexts(value.target, ['name', 'fingerprint']) &&
    isCount(value.appliedSequence) &&
    (value.cut === null || isCut(value.cut)) &&
    isStandstill(value.standstill) &&
    Array.isArray(value.roots) &&
    value.roots.length > 0 &&
    value.roots.every(isRoot);
  if (!isHead) throw badCertificate(file, 'its head lacks what it must say');
  return value as unknown as CertificateHead;
}

function isCut(value: unknown): boolean {
  return isFacts(value) && isCount(value.sequence) && isTime(value.at) && hasTexts(value, ['label']);
}

function isStandstill(value: unknown): boolean {
  if (!isFacts(value)) return false;
  const { by, owner, reason } = value;
  return typeof by === 'string' && ['hold', 'pause', 'rest'].includes(by) && [owner, reason].every(isTextOrNull);
}

/** The copy of a root is looked for at its path below a folder, and must not lead out of that. */
function isRoot(value: unknown): boolean {
  return hasTexts(value, ['from', 'to']) && !/(^|[\\/])\.\.([\\/]|$)/.test((value as { to: string }).to);
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  return isFacts(value) && names.every((name) => typeof value[name] === 'string');
}

function isFacts(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null;
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
