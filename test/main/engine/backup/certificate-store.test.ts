import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { CertificateSummary } from '../../../../src-main/api/index.ts';
import {
  certificateFiles,
  certificatesIn,
  listAllCertificates,
  nameCertificate,
  readCertificatePart,
} from '../../../../src-main/engine/backup/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const coded = (code: string) => expect.objectContaining({ code }) as Error;

/** Finishes one as the worker does, with nothing in it that counts here. */
function finish(folder: string, id: string, content = id): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(certificateFiles(folder, id).unfinished, content);
  nameCertificate(folder, id);
  certificatesIn(folder, 2).finish({ id, startedAt: id } as CertificateSummary);
}

test('the newest are kept, and what was interrupted goes with the oldest', () => {
  const folder = `${tempFolder()}/c`;
  for (const id of ['1', '2', '3']) finish(folder, id);
  writeFileSync(certificateFiles(folder, '4').unfinished, 'torn');
  certificatesIn(folder, 2).tidy();
  expect(certificatesIn(folder, 2).list()).toMatchObject([{ id: '3' }, { id: '2' }]);
  expect(readdirSync(folder).sort()).toEqual(['2.certificate', '2.summary.json', '3.certificate', '3.summary.json']);
});

test('one is deleted with all that belongs to it, and another is not', () => {
  const folder = `${tempFolder()}/c`;
  for (const id of ['1', '11']) finish(folder, id);
  certificatesIn(folder, 2).remove('1');
  expect(existsSync(certificateFiles(folder, '11').file)).toBe(true);
  expect(readdirSync(folder)).toHaveLength(2);
  expect(() => certificatesIn(folder, 2).remove('1')).toThrow(coded('not-found'));
  expect(() => certificatesIn(folder, 2).remove('../c/11')).toThrow(coded('not-found'));
});

test('a file is read in pieces, the newest where none is named, and all connections are listed', async () => {
  const folder = tempFolder();
  finish(`${folder}/one`, '1', 'first');
  finish(`${folder}/other`, '2', 'second');
  finish(`${folder}/one`, '3', 'content');
  expect(listAllCertificates(folder)).toMatchObject([{ id: '3' }, { id: '2' }, { id: '1' }]);
  expect(listAllCertificates(`${folder}/none`)).toEqual([]);
  const read = async (id: string | null, offset: number) => {
    const part = await readCertificatePart(`${folder}/one`, { id, offset, limit: 4 });
    return { ...part, data: Buffer.from(part.data, 'base64').toString() };
  };
  expect(await read(null, 0)).toEqual({ id: '3', offset: 0, totalBytes: 7, data: 'cont' });
  expect(await read('3', 4)).toMatchObject({ data: 'ent' });
  expect(await read('3', 99)).toMatchObject({ data: '' });
  await expect(read('none', 0)).rejects.toThrow(coded('not-found'));
});
