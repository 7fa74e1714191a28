import type { DrilledFile, DrillOrder, DrillProof, DrillResult, FileContentFacts, MappedRoot } from '../../api/index.ts';
import { describeError, rawName, toReplicationError } from '../../base/index.ts';
import { checkCertificate, hashFileAside, manifestOf } from '../../engine/connection/index.ts';
import { moved } from './choice.ts';

export interface DrillParts {
  readonly order: DrillOrder;
  /** Where the trees lie here, and by which paths people call them. */
  readonly trees: readonly MappedRoot[];
  /** What the verification found of a file here: a sentence. */
  readonly differences: ReadonlyMap<string, string>;
  readonly certificate: { readonly id: string; readonly file: string } | null;
  /** When the replica was like its source in every file, by the source's clock; null: nobody knows. */
  readonly cutAt: string | null;
  readonly signal: AbortSignal;
}

/** Content that is known of a file; null: it is known not to be there. Undefined: nothing is known. */
type Known = FileContentFacts | null | undefined;

/** Reads the drawn files here, which the verification has compared with what was restored, and holds them against what proves them. */
export async function judgeDrill(parts: DrillParts): Promise<DrillResult> {
  const { order, certificate, signal } = parts;
  const local = new Map(order.sample.files.map(({ path }) => [path, localPath(path, parts.trees)]));
  const certified = certificate === null ? null : await certifiedFiles(certificate.file, new Set(local.values()));
  const originals = new Map(order.originals?.map(({ path, content }) => [path, content]));
  const files: DrilledFile[] = [];
  for (const { path, bytes } of order.sample.files) {
    const here = local.get(path) ?? path;
    const [content, failure] = await readHere(here, signal);
    files.push(
      judgeFile({
        ...{ path, bytes, content, cutAt: parts.cutAt },
        failure: failure ?? parts.differences.get(here) ?? null,
        certified: certified === null ? undefined : (certified.get(here) ?? null),
        original: order.originals === null ? undefined : originals.has(path) ? originals.get(path) : 'unread',
      }),
    );
  }
  const failed = files.filter(({ why }) => why !== null).length;
  const proven = files.filter((file) => file.why === null && (file.certificate === 'equal' || file.source === 'equal')).length;
  const { sample } = order;
  return { isPassed: failed === 0, sample, certificateId: certificate?.id ?? null, proven, failed, files };
}

/** One file, as a pure function. `failure`: why it could not be read, or is not restored as it is here. */
export function judgeFile(known: {
  readonly path: string;
  readonly bytes: number;
  readonly content: FileContentFacts | null;
  readonly failure: string | null;
  readonly certified: Known;
  readonly original: Known | 'unread';
  readonly cutAt: string | null;
}): DrilledFile {
  const { path, bytes, content, failure, cutAt } = known;
  const certificate = proofBy(content, known.certified);
  const original = known.original === 'unread' ? undefined : known.original;
  let source = known.original === 'unread' ? 'unread' : proofBy(content, original);
  // The source has had this since before the replica was like it: then the replica should have it too. A date can be set back (`cp -p`, `tar`), the system's own time cannot.
  if (source === 'changed' && isBefore(original?.changedNs, cutAt)) source = 'different';
  const why =
    failure ??
    (certificate === 'different' ? 'the replica holds other bytes than its certificate says, at the same size and date' : null) ??
    (source === 'different' ? 'the replica holds other bytes than its source, which has not changed since' : null);
  return { path, bytes, sha256: content?.sha256 ?? null, isRestored: failure === null, certificate, source, why };
}

function isBefore(changedNs: string | undefined, cutAt: string | null): boolean {
  return changedNs !== undefined && cutAt !== null && BigInt(changedNs) / 1_000_000n < BigInt(Date.parse(cutAt));
}

function proofBy(content: FileContentFacts | null, known: Known): DrillProof {
  if (known === undefined || content === null) return 'none';
  if (known === null) return 'absent';
  if (known.sha256 === content.sha256) return 'equal';
  return known.bytes === content.bytes && known.modifiedNs === content.modifiedNs ? 'different' : 'changed';
}

async function readHere(path: string, signal: AbortSignal): Promise<[FileContentFacts | null, string | null]> {
  try {
    const { sha256, size, mtimeNs } = await hashFileAside(rawName(path), signal);
    return [{ bytes: size, modifiedNs: String(mtimeNs), sha256 }, null];
  } catch (error) {
    signal.throwIfAborted();
    const { code, details } = toReplicationError(error);
    return [null, describeError(code, details).cause];
  }
}

/** What a certificate says of some files, by their paths here. */
async function certifiedFiles(file: string, wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, FileContentFacts>> {
  const checked = await checkCertificate(file, null);
  const raw = new Map([...wanted].map((path) => [rawName(path), path]));
  const folders = checked.head.roots.map(({ to }) => rawName(to));
  const found = new Map<string, FileContentFacts>();
  for await (const { root, path, size, mtimeNs, sha256 } of manifestOf(checked)) {
    const here = raw.get(moved(path === '' ? '/' : `/${path}`, '/', folders[root] ?? ''));
    if (here !== undefined && sha256 !== null) found.set(here, { bytes: size, modifiedNs: String(mtimeNs), sha256 });
  }
  return found;
}

function localPath(path: string, trees: readonly MappedRoot[]): string {
  const raw = rawName(path);
  const tree = trees.find(({ from }) => raw === rawName(from) || raw.startsWith(from === '/' ? '/' : `${rawName(from)}/`));
  return tree === undefined ? path : moved(path, tree.from, tree.to);
}
