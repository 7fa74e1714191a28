import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { durableSteps, parseCrashAt } from '../../../src-main/base/index.ts';

const room = join(import.meta.dirname, '../../../src-main/base/index.ts');

/** A program that comes by one step three times. */
function run(crashAt: string | undefined) {
  const code = `import { durableStep } from ${JSON.stringify(room)};
    for (const time of [1, 2, 3]) { console.log(time); durableStep('target.ack.sent'); }`;
  const { UNDERSTUDY_CRASH_AT: _, ...env } = process.env;
  const environment = crashAt === undefined ? env : { ...env, UNDERSTUDY_CRASH_AT: crashAt };
  const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', code], { env: environment });
  return { signal, seen: stdout.toString().trim().split('\n') };
}

test('without the variable a durable step does nothing', () => {
  expect(run(undefined)).toEqual({ signal: null, seen: ['1', '2', '3'] });
});

test('with it the process is killed at the step, at the time that was asked for', () => {
  expect(run('target.ack.sent')).toEqual({ signal: 'SIGKILL', seen: ['1'] });
  expect(run('target.ack.sent:3')).toEqual({ signal: 'SIGKILL', seen: ['1', '2', '3'] });
  expect(run('target.apply.done')).toEqual({ signal: null, seen: ['1', '2', '3'] });
});

test.each(durableSteps)('%s is a step that can be asked for', (step) => {
  expect(parseCrashAt(step)).toEqual({ step, time: 1 });
});

test.each(['', 'nothing', 'target.ack.sent:0', 'target.ack.sent:x', ' target.ack.sent'])('%j is ignored', (text) => {
  expect(parseCrashAt(text)).toBeNull();
});
