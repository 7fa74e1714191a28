import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('say-method.ts', import.meta.url));

/** Which method a process that is started in this way takes, and why. */
function methodWhen(
  launcher: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { method: string; why: string } {
  const { stdout, stderr } = spawnSync('env', [...launcher, process.execPath, program], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as { method: string; why: string };
}

const without = (right: string) => ['setpriv', `--bounding-set=-${right}`, `--inh-caps=-${right}`];
const isPossible = process.getuid?.() === 0 && spawnSync('setpriv', [...without('sys_admin').slice(1), 'true']).status === 0;
const hasFanotify = isPossible && methodWhen([]).method === 'fanotify';
const note = hasFanotify ? '' : ' (NOT TESTED HERE: it takes root, setpriv and a system with fanotify)';

describe.skipIf(!hasFanotify)(`why another method is taken is true${note}`, () => {
  test('for root without the right to watch file systems', () => {
    expect(methodWhen(without('sys_admin'))).toEqual({
      method: 'inotify',
      why: 'fanotify is not used because the service runs as root, but without the right CAP_SYS_ADMIN on this system',
    });
  });

  test('for root without the right to open files by their handles', () => {
    expect(methodWhen(without('dac_read_search'))).toEqual({
      method: 'inotify',
      why: 'fanotify is not used because the service runs as root, but without the right CAP_DAC_READ_SEARCH on this system',
    });
  });

  test('for a user who is not root', ({ skip }) => {
    const user = ['setpriv', '--reuid=12345', '--clear-groups', '--inh-caps=-all'];
    const mayRead = [process.execPath, program].every(
      (path) => spawnSync('setpriv', [...user.slice(1), 'test', '-r', path]).status === 0,
    );
    if (!mayRead) skip('NOT TESTED HERE: other users may not read this program');
    expect(methodWhen(user)).toEqual({
      method: 'inotify',
      why: 'fanotify is not used because the service does not run as root',
    });
  });

  test('for a root that is one only in its own user name space', ({ skip }) => {
    const launcher = ['unshare', '--user', '--map-root-user'];
    if (spawnSync('unshare', [...launcher.slice(1), 'true']).status !== 0) skip('NOT TESTED HERE: no user name spaces');
    expect(methodWhen(launcher)).toEqual({
      method: 'inotify',
      why: 'fanotify is not used because the service runs as root, but without the right CAP_SYS_ADMIN on this system',
    });
  });
});

test('where no native call can be made changes are followed all the same, with both reasons', () => {
  const { method, why } = methodWhen([], { UNDERSTUDY_TEST_NO_NATIVE: '1' });
  expect(method).toBe('fs.watch');
  expect(why).toMatch(/^fanotify is not used because .+; inotify is not used because .+$/);
});
