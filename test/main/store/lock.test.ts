import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeLock } from '../../../src-main/store/index.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const room = join(import.meta.dirname, '../../../src-main/store/index.ts');
const script = (folder: string, rest: string) =>
  `import { takeLock } from ${JSON.stringify(room)}; takeLock(${JSON.stringify(folder)}, ${JSON.stringify(join(folder, 'lock'))}); ${rest}`;

describe('takeLock', () => {
  test('a second taker is refused with the process that holds it, until it is released', () => {
    const folder = tempFolder();
    const lock = takeLock(folder, join(folder, 'lock'));
    expect(() => takeLock(folder, join(folder, 'lock'))).toThrow(
      expect.objectContaining({ code: 'data-in-use', details: { path: folder, pid: process.pid, address: null } }),
    );
    lock.announce('127.0.0.1:6320');
    expect(() => takeLock(folder, join(folder, 'lock'))).toThrow(
      expect.objectContaining({ details: { path: folder, pid: process.pid, address: '127.0.0.1:6320' } }),
    );
    lock.release();
    lock.release();
    takeLock(folder, join(folder, 'lock')).release();
  });

  test('the lock of another process holds here, and is free at once when that process is killed', async () => {
    const folder = tempFolder();
    const child = spawn(process.execPath, [
      '--expose-gc',
      '--input-type=module',
      '-e',
      // A lock that nobody refers to must hold through a collection of garbage.
      script(folder, "globalThis.gc(); setTimeout(() => console.log('held'), 50); setInterval(() => 0, 1000)"),
    ]);
    await once(child.stdout, 'data');
    expect(() => takeLock(folder, join(folder, 'lock'))).toThrow(
      expect.objectContaining({ details: { path: folder, pid: child.pid, address: null } }),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    takeLock(folder, join(folder, 'lock')).release();
  });

  test('a process that ends without releasing leaves nothing behind', () => {
    const folder = tempFolder();
    execFileSync(process.execPath, ['--input-type=module', '-e', script(folder, 'process.exit(0)')]);
    takeLock(folder, join(folder, 'lock')).release();
  });
});
