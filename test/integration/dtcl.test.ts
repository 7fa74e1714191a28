import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileSecretBox, openRegistry } from '../../src-main/console/index.ts';
import { eventually } from '../support/eventually.ts';
import { describeTree, ScriptedPair } from '../support/scripted-pair.ts';

const fixture = (name: string) => join(import.meta.dirname, '../fixtures/dtcl', `${name}.dtcl`);
let folder: string;
let pair: ScriptedPair;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-dtcl-'));
  pair = await ScriptedPair.start(folder);
  const data = pair.on('alpha', 'data');
  mkdirSync(join(data, 'ledgers', 'empty'), { recursive: true });
  for (let i = 0; i < 40; i++) writeFileSync(join(data, 'ledgers', `page ${i}.txt`), `page ${i}\n`.repeat(i * 50));
  writeFileSync(join(data, 'big.bin'), Buffer.alloc(3_000_000, 'understudy '));
  writeFileSync(join(data, 'odd #;"name'), 'odd');
  writeFileSync(Buffer.concat([Buffer.from(`${data}/not utf-8 `), Buffer.from([0xff, 0xfe])]), 'raw');
  chmodSync(join(data, 'big.bin'), 0o640);
  symlinkSync('ledgers/page 1.txt', join(data, 'newest'));
  const made = await pair.dtcl('repset create accounts; repset rule add "c:\\data" include, recurs; repset save;');
  expect(made).toMatchObject({ code: 0, err: '' });
});

afterAll(async () => {
  await pair.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
});

function replica(base: string): readonly string[] {
  const path = pair.on('beta', base, 'c', 'data');
  return existsSync(path) ? describeTree(path) : [];
}

function source(): readonly string[] {
  return describeTree(pair.on('alpha', 'data'));
}

async function script(name: string) {
  return pair.run('dtcl', ['-f', fixture(name)]);
}

async function becomesEqual(base: string): Promise<void> {
  const look = () => {
    expect(replica(base)).toEqual(source());
    return true;
  };
  await eventually(`the replica in ${base} equals the source`, look, 30_000);
}

describe('a backup with the data held', () => {
  test('the pause ends only when the replica stands still, and holds; the resume brings what changed meanwhile', async () => {
    const connected = await pair.dtcl(
      '$id = connect accounts to beta map base c:\\replica; wait on mirror $id for 60; wait on transmission $id for 60;',
    );
    expect(connected).toMatchObject({ code: 0, err: '' });
    expect(replica('replica')).toEqual(source());

    // Writes right up to the pause: whatever of them was cut in must be there when the script ends, and nothing more may come.
    for (let i = 0; i < 200; i++) appendFileSync(pair.on('alpha', 'data', 'ledgers', `page ${i % 40}.txt`), `entry ${i}\n`);
    const paused = await script('pause-before-backup');
    expect(paused).toMatchObject({ code: 0, err: '' });
    expect(paused.out).toMatch(/Paused: connection 1 \(accounts to beta\) at operation \d+, \d{4}-/);
    const held = replica('replica');

    writeFileSync(pair.on('alpha', 'data', 'during the backup.txt'), 'late');
    appendFileSync(pair.on('alpha', 'data', 'big.bin'), 'late');
    const status = await pair.dtcl('$id = conid accounts to beta map base c:\\replica; status connection $id;');
    expect(status.out).toMatch(/Transmission: +paused at operation \d+/);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // what must not happen gets the time to happen
    expect(replica('replica')).toEqual(held);

    expect(await script('resume-after-backup')).toMatchObject({ code: 0, err: '' });
    await becomesEqual('replica');
  });

  test('a pause survives a kill of the source and is still there for the script that looks', async () => {
    expect((await script('pause-before-backup')).code).toBe(0);
    await pair.alpha.kill();
    await pair.alpha.start();
    appendFileSync(pair.on('alpha', 'data', 'ledgers', 'page 3.txt'), 'after the kill\n');
    const held = replica('replica');
    const again = await pair.dtcl('transmission pause beta for 30; status;');
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(replica('replica')).toEqual(held);
    expect((await script('resume-after-backup')).code).toBe(0);
    await becomesEqual('replica');
  });

  test('while the target is down the pause runs out of time, says so, and takes effect when the target is back', async () => {
    await pair.beta.kill();
    await eventually('the source sees that the link is down', async () => (await pair.dtcl('status;')).out.includes('link down'));
    const late = await pair.dtcl('transmission pause beta for 1;');
    expect(late.code).toBe(1);
    // The line to beta cannot be logged in to either: the pause needs the source alone.
    expect(late.err).toMatch(
      /error -125: Connection 1 .* did not reach its cut within .* The link is down .* The pause stays requested/,
    );
    await pair.beta.start();
    expect(await pair.dtcl('transmission pause beta for 30; transmission resume beta;')).toMatchObject({ code: 0, err: '' });
    await becomesEqual('replica');
  });
});

describe('a backup with the connection cut', () => {
  test('after the disconnect the replica stays as it is, and the reconnect sends the blocks that differ', async () => {
    expect(await script('disconnect-before-backup')).toMatchObject({ code: 0, err: '' });
    const kept = replica('replica');
    expect(kept).toEqual(source());

    // Same size, same time: only a comparison of content can find it.
    const file = pair.on('alpha', 'data', 'big.bin');
    const times = statSync(file);
    const bytes = readFileSync(file);
    bytes.write('CHANGED', 1_000_000);
    writeFileSync(file, bytes);
    utimesSync(file, times.atime, times.mtime);
    renameSync(pair.on('alpha', 'data', 'ledgers', 'page 5.txt'), pair.on('alpha', 'data', 'page five.txt'));
    rmSync(pair.on('alpha', 'data', 'during the backup.txt'), { force: true });
    await new Promise((resolve) => setTimeout(resolve, 500)); // nobody may follow these changes now
    expect(replica('replica')).toEqual(kept);

    const reconnected = await script('reconnect-after-backup');
    expect(reconnected).toMatchObject({ code: 0, err: '' });
    const waited = await pair.dtcl(
      '$id = conid accounts to beta map base c:\\replica; wait on mirror $id for 60; stats $id json;',
    );
    expect(waited).toMatchObject({ code: 0, err: '' });
    // Nobody saw what was deleted or renamed meanwhile; a mirror leaves alone what is only on the target.
    const isLeft = (line: string) => line.startsWith('ledgers/page 5.txt ') || line.startsWith('during the backup.txt ');
    expect(replica('replica').filter(isLeft)).toHaveLength(2);
    expect(replica('replica').filter((line) => !isLeft(line))).toEqual(source());
    const { statistics } = JSON.parse(waited.out.split('\n').find((line) => line.startsWith('{')) ?? '') as {
      statistics: { sentMirrorBytes: number };
    };
    // Of three million bytes one block differs.
    expect(statistics.sentMirrorBytes).toBeLessThan(600_000);
    expect((await pair.dtcl('disconnect *;')).code).toBe(0);
  });
});

describe('two base folders that take turns', () => {
  test('the first noon finds nothing to disconnect and connects all the same', async () => {
    const noon = await script('noon');
    expect(noon.code).toBe(1);
    expect(noon.err).toMatch(/conid: error -115: .*\n.*disconnect: error -115: \$id holds -115/);
    expect(noon.out).toMatch(/Connected: connection \d+ \(accounts to beta\), map base c:\\noon_mirror, no mirror\./);
    await becomesEqual('noon_mirror');
  });

  test('midnight cuts noon off at what it has, and follows the source itself', async () => {
    expect(await script('midnight')).toMatchObject({ code: 0, err: '' });
    await becomesEqual('midnight_mirror');
    const atMidnight = replica('noon_mirror');
    writeFileSync(pair.on('alpha', 'data', 'after midnight.txt'), 'new');
    await becomesEqual('midnight_mirror');
    expect(replica('noon_mirror')).toEqual(atMidnight);

    expect(await script('noon')).toMatchObject({ code: 0, err: '' });
    await becomesEqual('noon_mirror');
    writeFileSync(pair.on('alpha', 'data', 'after noon.txt'), 'newer');
    await becomesEqual('noon_mirror');
    expect(replica('midnight_mirror').some((line) => line.startsWith('after noon'))).toBe(false);
    expect((await pair.dtcl('disconnect *;')).code).toBe(0);
  });
});

describe('the command line', () => {
  test('a syntax error is told with its place, and nothing runs', async () => {
    const file = join(folder, 'bad.dtcl');
    writeFileSync(
      file,
      'login alpha admin right;\nsource alpha;\nrepset create never;\nmirror strat 1;\nconnect accounts to beta;\n',
    );
    const ended = await pair.run('dtcl', ['-f', 'bad.dtcl']);
    expect(ended.code).toBe(2);
    expect(ended.err).toContain('bad.dtcl:4:1: error -102: ');
    expect(ended.err).toContain('bad.dtcl:5:21: error -101: connect must say where the data goes');
    expect((await pair.dtcl('repset list;')).out).not.toContain('never');
  });

  test('an unreadable file is 3, a failed command 1, and with -e 4', async () => {
    expect(await pair.run('dtcl', ['-f', 'none.dtcl'])).toMatchObject({ code: 3 });
    expect(await pair.run('dtcl', ['-c', 'ping gamma; write "after";'])).toMatchObject({ code: 1, out: 'after\n' });
    expect(await pair.run('dtcl', ['-e', '-c', 'ping gamma; write "after";'])).toMatchObject({ code: 4, out: '' });
  });

  test('a wrong password, an unknown user, a server that is down and a wrong fingerprint each have their number', async () => {
    const wrong = await pair.run('dtcl', ['-c', 'login alpha admin wrong; source alpha; status;']);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/login: result 0: No access.*\n.*status: error -109/);
    // A server that was added in good faith, and at whose address another answers now.
    const registry = openRegistry(pair.home, { box: fileSecretBox(pair.home) });
    const { host, port } = pair.alpha.control;
    registry.add({ name: 'stranger', address: `${host}:${port}`, fingerprint: pair.beta.fingerprint });
    registry.close();
    await pair.run('understudy', ['server', 'add', 'nobody', '127.0.0.1:1', '--fingerprint', pair.beta.fingerprint]);
    const others = await pair.run('dtcl', ['-c', 'login stranger admin right; ping stranger; ping nobody; login gamma a b;']);
    expect(others.err.match(/error -\d+/g)).toEqual(['error -126', 'error -126', 'error -108', 'error -107']);
  });

  test('a stored login needs no password in the script', async () => {
    expect(await pair.run('dtcl', ['-c', 'login alpha stored;'])).toMatchObject({ code: 1 });
    expect(await pair.run('understudy', ['server', 'login', 'alpha', '--user', 'admin'], 'right\n')).toMatchObject({ code: 0 });
    const stored = await pair.run('dtcl', ['-c', '$level = login alpha stored; write $level; ping alpha;']);
    expect(stored).toMatchObject({ code: 0, err: '' });
    expect(stored.out).toContain('\n2\n');
  });

  test('every command gives one JSON object', async () => {
    const ended = await pair.run('dtcl', [
      '--json',
      '-c',
      'login alpha admin right; source alpha; repset list; conid none to beta map exact;',
    ]);
    const objects = ended.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { command: string; ok: boolean; result: number });
    expect(objects.map(({ command, ok, result }) => [command, ok, result])).toEqual([
      ['login', true, 2],
      ['source', true, 1],
      ['repset list', true, 1],
      ['conid', false, -115],
    ]);
    expect(ended.err).toBe('');
    expect(ended.out).not.toContain('right');
  });

  test('the prompt takes one command to a line, and leaves at quit', async () => {
    const lines = [
      'login alpha admin right',
      'source alpha',
      'repset list',
      'nonsense',
      'if 1 = 1 then',
      '  write "open block"',
      'end',
      'quit',
      'write "not reached"',
    ];
    const ended = await pair.run('dtcl', ['-i'], `${lines.join('\n')}\n`);
    expect(ended.code).toBe(1);
    expect(ended.out).toContain('Command: ');
    expect(ended.out).toContain('accounts   not connected, saved, 1 rule');
    expect(ended.out).toContain('open block');
    expect(ended.out).not.toContain('not reached');
    expect(ended.err).toContain('"nonsense" is not a DTCL command');
  });
});

describe('what must not be connected', () => {
  test.each([
    ['connect nothing to beta map exact', -111],
    ['connect accounts to beta map base z:\\there', -117],
    ['connect accounts to alpha map base c:\\data\\inside', -126],
    ['connect accounts to alpha map exact', -126],
    ['disconnect 99', -115],
    ['repset delete none', -111],
  ])('%s is refused with %i', async (command, number) => {
    const ended = await pair.dtcl(`${command};`);
    expect(ended.code).toBe(1);
    expect(ended.err).toContain(`error ${number}: `);
    expect(ended.err).not.toContain('{');
  });
});
