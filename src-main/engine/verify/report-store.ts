import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { VerifyDifference, VerifyReport, VerifySummary } from '../../api/index.ts';
import { linesOf, ReplicationError } from '../../base/index.ts';
import { RunRecords } from '../../config/index.ts';

/** How the line of a difference begins. */
const DIFFERENCE = '{"difference":';

/** The finished reports in a connection's folder. */
export function reportsIn(folder: string): RunRecords<VerifySummary> {
  return new RunRecords(folder, { mostKept: 100, what: 'the verification report' });
}

/** Where the lines of a report lie, and what is to be looked at once more while it is made. */
export function reportFiles(folder: string, id: string): { readonly report: string; readonly suspects: string } {
  const reports = reportsIn(folder);
  return { report: reports.file(id, 'report.jsonl'), suspects: reports.file(id, 'suspects') };
}

/** The finished reports of all connections that have a folder in `folder`, newest first. */
export function listAllReports(folder: string): readonly VerifySummary[] {
  const all = foldersIn(folder).flatMap((name) => reportsIn(join(folder, name)).list());
  return all.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** A part of a report, read and hashed as a stream. `id` null: the newest. Rejects with `not-found` or `damaged-data`. */
export async function readReport(
  folder: string,
  request: { readonly id: string | null; readonly offset: number; readonly limit: number },
): Promise<VerifyReport> {
  const summary = reportsIn(folder).get(request.id);
  const path = reportFiles(folder, summary.id).report;
  const hash = createHash('sha256');
  const differences: VerifyDifference[] = [];
  let listed = 0;
  let last = '';
  try {
    for await (const line of linesOf(path)) {
      // The last line is the hash over all before it.
      if (last !== '') hash.update(`${last}\n`);
      last = line;
      if (!line.startsWith(DIFFERENCE)) continue;
      if (listed >= request.offset && differences.length < request.limit) differences.push(parse(line, path));
      listed++;
    }
  } catch (error) {
    if (error instanceof ReplicationError) throw error;
    throw new ReplicationError('damaged-data', { path, text: 'it cannot be read' }, { cause: error });
  }
  const isIntact = last === JSON.stringify({ sha256: summary.sha256 }) && hash.digest('hex') === summary.sha256;
  return { summary, isIntact, offset: request.offset, listed, differences };
}

function parse(line: string, path: string): VerifyDifference {
  try {
    return (JSON.parse(line) as { difference: VerifyDifference }).difference;
  } catch (error) {
    throw new ReplicationError('damaged-data', { path, text: 'not valid JSON' }, { cause: error });
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was verified yet
  }
}
