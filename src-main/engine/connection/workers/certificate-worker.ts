import { closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { CertificateSummary } from '../../../api/index.ts';
import { invariant, makeFolders, rawName, toReplicationError } from '../../../base/index.ts';
import { readLeftoverMarks } from '../../apply/index.ts';
import {
  certificateFiles,
  certificatesIn,
  CertificateWriter,
  ContentIndex,
  dropUnfinished,
  ManifestEnded,
  ManifestMaker,
  nameCertificate,
  type ManifestTotals,
} from '../../backup/index.ts';
import { codedError } from '../../fs/index.ts';
import { isDamagedDatabase, removeDatabase } from '../../../store/index.ts';
import type { CertificateOrder, CertificateReport, CertificateWorkerData } from '../target/certificate-messages.ts';

const PROGRESS_MS = 250;

invariant(parentPort !== null, 'the certificate worker runs as a worker');
const port = parentPort;
const data = workerData as CertificateWorkerData;
const isEnded = (): boolean => Atomics.load(data.ended, 0) !== 0;
const report = (message: CertificateReport): void => port.postMessage(message);

interface Read {
  readonly writer: CertificateWriter;
  readonly totals: ManifestTotals;
}

/** Reads the replica and writes all but the signature. A damaged index is made anew: nothing but the time to read all is lost. */
function read(): Read {
  try {
    return readWithIndex();
  } catch (error) {
    if (!isDamagedDatabase(error)) throw error;
    removeDatabase(data.indexFile);
    return readWithIndex();
  }
}

function readWithIndex(): Read {
  const { head, folder, connectionId } = data;
  makeFolders(folder, 0o700);
  dropUnfinished(folder, head.id);
  const index = new ContentIndex(data.indexFile);
  const marks = readLeftoverMarks(data.recordsFile, connectionId);
  const writer = new CertificateWriter(certificateFiles(folder, head.id).unfinished, head);
  let dueMs = performance.now() + PROGRESS_MS;
  try {
    const startedAtMs = index.begin(Date.parse(head.startedAt), data.keepRemovalsMs);
    const maker = new ManifestMaker({
      roots: head.roots.map(({ to }) => rawName(to)),
      index,
      isLeftOut: (path) => data.otherRoots.includes(path),
      marksOf: (path) => ({ keptSince: marks.keptSince(path), isOrphan: marks.isOrphan(path) }),
      isFull: data.isFull,
      startedAtMs,
      cutSequence: head.cut?.sequence ?? 0,
      nowMs: Date.now,
      onProgress(totals) {
        if (isEnded()) throw new ManifestEnded();
        if (performance.now() < dueMs) return;
        dueMs = performance.now() + PROGRESS_MS;
        report({ kind: 'progress', totals: { ...totals } });
      },
      take: (entry) => writer.add(entry),
    });
    return { writer, totals: maker.make() };
  } catch (error) {
    writer.close();
    throw error;
  } finally {
    marks.close();
    index.close();
  }
}

/** The owner found that the replica did not move: the certificate becomes one. */
function sign({ writer, totals }: Read): CertificateSummary {
  const { head, folder, signer, mostKept } = data;
  const end = writer.finish({ ...totals, finishedAt: new Date().toISOString() }, signer);
  nameCertificate(folder, head.id);
  flushFolder(folder);
  const { id, cut, appliedSequence, standstill, startedBy, startedAt, roots } = head;
  const summary: CertificateSummary = {
    id, connectionId: head.connection, setName: head.set, sourceName: head.source.name, targetName: head.target.name, roots, cut, appliedSequence,
    standstill, startedBy, startedAt, ...end, fingerprint: head.target.fingerprint, fileBytes: statSync(certificateFiles(folder, id).file).size,
  }; // prettier-ignore
  const certificates = certificatesIn(folder, mostKept);
  certificates.finish(summary);
  certificates.tidy();
  return summary;
}

/** The new name is on disk before the summary says that there is a certificate. */
function flushFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

function fail(error: unknown): void {
  dropUnfinished(data.folder, data.head.id);
  if (error instanceof ManifestEnded) report({ kind: 'ended' });
  else {
    const { code, details } = toReplicationError(codedError(error, rawName(data.folder)));
    report({ kind: 'failed', code, details });
  }
  port.close();
}

try {
  const made = read();
  port.on('message', (order: CertificateOrder) => {
    try {
      if (order === 'sign') report({ kind: 'done', summary: sign(made) });
      else {
        made.writer.close();
        throw new ManifestEnded();
      }
      port.close();
    } catch (error) {
      fail(error);
    }
  });
  report({ kind: 'read' });
} catch (error) {
  fail(error);
}
