import type { VerifySide } from '../../api/index.ts';
import { showName } from '../../base/index.ts';
import type { Attributes, EntryKind } from '../model/index.ts';

/** An entry as one side has it. */
export interface EntrySide {
  readonly kind: EntryKind;
  readonly size: number;
  readonly attributes: Attributes;
  /** A number for the extended attributes and ACLs that are carried; 0 for none. */
  readonly extendedHash: bigint;
  /** Raw; null for all but symlinks. */
  readonly linkTarget: string | null;
}

/** Which properties differ, by what a stat tells; empty when none do. Content is not looked at. */
export function differingProperties(source: EntrySide, target: EntrySide, options: { readonly owners: boolean }): string[] {
  if (source.kind !== target.kind) return ['kind'];
  const found: string[] = [];
  const a = source.attributes;
  const b = target.attributes;
  if (source.kind === 'file' && source.size !== target.size) found.push('size');
  if (a.mtimeNs !== b.mtimeNs) found.push('modified');
  // A link's own mode is always the same and cannot be set.
  if (source.kind !== 'symlink' && a.mode !== b.mode) found.push('mode');
  if (options.owners && (a.uid !== b.uid || a.gid !== b.gid)) found.push('owner');
  if (source.extendedHash !== target.extendedHash) found.push('extended attributes');
  if (source.linkTarget !== target.linkTarget) found.push('link text');
  return found;
}

/** The values of one side, for people. */
export function describeSide({ kind, size, attributes, extendedHash, linkTarget }: EntrySide): VerifySide {
  const { mtimeNs, mode, uid, gid } = attributes;
  return {
    kind,
    size: kind === 'file' ? size : 0,
    modified: timeText(mtimeNs),
    mode: mode.toString(8).padStart(4, '0'),
    owner: `${uid}:${gid}`,
    extended: extendedHash === 0n ? 'none' : BigInt.asUintN(64, extendedHash).toString(16),
    linkTarget: linkTarget === null ? null : showName(linkTarget),
  };
}

/** UTC with nanoseconds. */
export function timeText(ns: bigint): string {
  const seconds = ns / 1_000_000_000n - (ns % 1_000_000_000n < 0n ? 1n : 0n);
  const rest = ns - seconds * 1_000_000_000n;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}.${rest.toString().padStart(9, '0')}Z`;
}
