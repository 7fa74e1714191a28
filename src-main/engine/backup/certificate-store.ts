import { readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificatePart, CertificateSummary } from '../../api/index.ts';
import { rawName } from '../../base/index.ts';
import { RunRecords } from '../../config/index.ts';
import { codedError } from '../fs/index.ts';

/** The most of a file that one part holds. */
export const MOST_PART_BYTES = 256 * 1024;

/** The finished certificates in a connection's folder. `mostKept`: the oldest beyond so many go when the next one is finished. */
export function certificatesIn(folder: string, mostKept: number): RunRecords<CertificateSummary> {
  return new RunRecords(folder, { mostKept, what: 'the certificate' });
}

/** Where a certificate lies, and where it is written before it is one. */
export function certificateFiles(folder: string, id: string): { readonly file: string; readonly unfinished: string } {
  return { file: join(folder, `${id}.certificate`), unfinished: join(folder, `${id}.unfinished`) };
}

/** The signed file takes its name; whoever calls flushes the folder afterwards. */
export function nameCertificate(folder: string, id: string): void {
  const { file, unfinished } = certificateFiles(folder, id);
  renameSync(unfinished, file);
}

export function dropUnfinished(folder: string, id: string): void {
  rmSync(certificateFiles(folder, id).unfinished, { force: true });
}

/** The finished certificates of all connections that have a folder in `folder`, newest first; also of those that ended. */
export function listAllCertificates(folder: string): readonly CertificateSummary[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // none was ever made
  }
  const all = names.flatMap((name) => certificatesIn(join(folder, name), Infinity).list());
  return all.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** A piece of a certificate's file; `id` null: the newest. Rejects with `not-found` and coded errors of the disk. */
export async function readCertificatePart(
  folder: string,
  { id, offset, limit }: { readonly id: string | null; readonly offset: number; readonly limit: number },
): Promise<CertificatePart> {
  const summary = certificatesIn(folder, Infinity).get(id);
  const { file } = certificateFiles(folder, summary.id);
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, Math.min(limit, MOST_PART_BYTES, size - offset)));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
    return { id: summary.id, offset, totalBytes: size, data: buffer.toString('base64', 0, bytesRead) };
  } catch (error) {
    throw codedError(error, rawName(file));
  }
}
