import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(() => pair.close());

const day = (path: string, number: number): void => utimesSync(path, number * 86_400, number * 86_400);

describe('the kinds of mirror', () => {
  test('newer sends what is newer on the source and leaves the rest, tells how much, and a restart keeps to it', async () => {
    const replica = new Replica(pair, 'newer');
    for (const name of ['old', 'new', 'same']) {
      writeFileSync(`${replica.source}/${name}`, `first ${name}`);
      day(`${replica.source}/${name}`, 100);
    }
    await replica.connect({ kind: 'all' });
    await replica.mirrored();
    await replica.disconnect();
    writeFileSync(`${replica.target}/old`, 'written on the target');
    day(`${replica.target}/old`, 200);
    writeFileSync(`${replica.source}/new`, 'second new');
    day(`${replica.source}/new`, 200);

    await replica.connectAgain({ kind: 'different', newer: true });
    const { mirror, targetData } = await replica.mirrored();
    expect(mirror).toMatchObject({ lastResult: { sentFiles: 1, skippedFiles: 2, leftFiles: 1 } });
    expect(targetData, 'a replica that differs is not called good').toBe('mirror-required');
    expect(readFileSync(`${replica.target}/new`, 'utf8')).toBe('second new');
    expect(readFileSync(`${replica.target}/old`, 'utf8')).toBe('written on the target');

    await pair.stop('source');
    await pair.start('source');
    await replica.settled();
    expect(readFileSync(`${replica.target}/old`, 'utf8'), 'the comparison after a restart').toBe('written on the target');

    writeFileSync(`${replica.source}/old`, 'edited on the source');
    await eventually('an edit is replicated', () => readFileSync(`${replica.target}/old`, 'utf8') === 'edited on the source');
    await replica.settled();

    const after = await replica.mirror({ kind: 'checksum' });
    expect(after).toMatchObject({ targetData: 'good', mirror: { lastResult: { leftFiles: 0 } } });
    expect(await replica.differences()).toEqual([]);
  });

  test('checksum of flagged files only does not find a change that kept date and size; of every file it does', async () => {
    const replica = new Replica(pair, 'flagged');
    writeFileSync(`${replica.source}/quiet`, 'abc');
    writeFileSync(`${replica.source}/loud`, 'abc');
    for (const name of ['quiet', 'loud']) day(`${replica.source}/${name}`, 100);
    await replica.connect({ kind: 'all' });
    await replica.mirrored();
    const { mtime } = statSync(`${replica.target}/quiet`);
    writeFileSync(`${replica.target}/quiet`, 'xyz');
    utimesSync(`${replica.target}/quiet`, mtime, mtime);
    writeFileSync(`${replica.target}/loud`, 'xyz');

    const flagged = await replica.mirror({ kind: 'checksum', flaggedOnly: true });
    expect(flagged.mirror).toMatchObject({ lastResult: { sentFiles: 1, skippedFiles: 1 } });
    expect(await replica.differences()).toEqual(['content /quiet']);
    await replica.mirror({ kind: 'checksum' });
    expect(await replica.differences()).toEqual([]);
  });
});
