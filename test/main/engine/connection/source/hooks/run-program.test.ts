import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { runProgram, whyNotRun } from '../../../../../../src-main/engine/connection/source/hooks/run-program.ts';
import { eventually } from '../../../../../support/eventually.ts';
import { hookScript } from '../../../../../support/hook-script.ts';
import { tempFolder } from '../../../../../support/temp-folder.ts';

const environment = { PATH: '/usr/bin:/bin', UNDERSTUDY_PURPOSE: 'freeze' };

test('a program runs with its own environment and nothing of the service', async () => {
  const folder = tempFolder();
  const program = hookScript(`${folder}/freeze`, `env > ${folder}/seen`, 'pwd');
  process.env.UNDERSTUDY_ADMIN_PASSWORD = 'secret';
  const run = await runProgram({ program, environment, limitMs: 5_000 });
  delete process.env.UNDERSTUDY_ADMIN_PASSWORD;
  expect(run).toMatchObject({ outcome: 'ok', text: '' });
  const seen = readFileSync(`${folder}/seen`, 'utf8');
  expect(seen).toContain('UNDERSTUDY_PURPOSE=freeze');
  expect(seen).not.toContain('secret');
});

test('a program that fails says how, and its last words are kept', async () => {
  const program = hookScript(`${tempFolder()}/freeze`, 'echo the database', 'echo does not answer >&2', 'exit 3');
  const run = await runProgram({ program, environment, limitMs: 5_000 });
  expect(run.outcome).toBe('failed');
  expect(run.text).toBe(`${program} ended with 3. It said: the database does not answer`);
});

test('a program that hangs is ended with everything that it started', async () => {
  const folder = tempFolder();
  const program = hookScript(
    `${folder}/freeze`,
    `sh -c 'trap "" TERM; echo $$ > ${folder}/child; while :; do sleep 1; done' &`,
    'wait',
  );
  const run = await runProgram({ program, environment, limitMs: 2_000 });
  expect(run.outcome).toBe('timed-out');
  const child = Number(readFileSync(`${folder}/child`, 'utf8'));
  expect(child).toBeGreaterThan(0);
  await eventually('the child is ended too', () => !isRunning(child));
});

test('a program that hangs as another user, who may not be ended, is not waited for either', async () => {
  const program = hookScript(`${tempFolder()}/freeze`, 'sleep 5');
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  const groups: number[] = [];
  const run = await runProgram({ program, environment, limitMs: 100, onStarted: (group) => groups.push(group) });
  kill.mockRestore();
  for (const group of groups) process.kill(-group, 'SIGKILL');
  expect(run.outcome).toBe('timed-out');
});

test('what a program leaves running on purpose goes on, and is not waited for', async () => {
  const folder = tempFolder();
  const program = hookScript(
    `${folder}/freeze`,
    `sh -c 'while [ ! -e ${folder}/go ]; do sleep 0.05; done; echo done > ${folder}/later' &`,
    'exit 0',
  );
  const run = await runProgram({ program, environment, limitMs: 5_000 });
  expect(run.outcome).toBe('ok');
  expect(existsSync(`${folder}/later`)).toBe(false);
  writeFileSync(`${folder}/go`, '');
  await eventually('it went on', () => existsSync(`${folder}/later`));
});

test('a program that others may change, or that is not there, is not started', async () => {
  const folder = tempFolder();
  const program = hookScript(`${folder}/freeze`, `touch ${folder}/ran`);
  chmodSync(program, 0o777);
  expect(await runProgram({ program, environment, limitMs: 1_000 })).toMatchObject({
    outcome: 'refused',
    text: `${program} was not started: everybody may change it.`,
  });
  chmodSync(program, 0o600);
  expect(whyNotRun(program)).toContain('cannot be started');
  expect(whyNotRun(`${folder}/nothing`)).toBe('it is not there');
  expect(whyNotRun(folder)).toBe('it is no file');
  expect(existsSync(`${folder}/ran`)).toBe(false);
});

test.skipIf(process.getuid?.() !== 0)('a program of another user is not started by root [needs root]', () => {
  const program = hookScript(`${tempFolder()}/freeze`, 'exit 0');
  chownSync(program, 12_345, 0);
  expect(whyNotRun(program)).toContain('neither root nor the one of the service');
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
