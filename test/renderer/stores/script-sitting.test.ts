import { expect, test } from 'vitest';
import type { ScriptResult } from '../../../src-main/api/index.ts';
import { ScriptSitting } from '../../../src-renderer/stores/script-sitting.svelte.ts';
import { FakeLink } from '../fake-link.ts';

/** A prompt whose texts end when the test says so. */
function open() {
  const ran: string[] = [];
  const ends: ((end: ScriptResult['outcome'] | Error) => void)[] = [];
  const link = new FakeLink({
    'script.run': ({ text }: { text: string }) => {
      ran.push(text);
      return new Promise<ScriptResult>((resolve, reject) =>
        ends.push((end) => (end instanceof Error ? reject(end) : resolve({ outcome: end, failures: 0 }))),
      );
    },
    'script.stop': () => null,
  });
  const sitting = new ScriptSitting(link, 'sitting');
  const end = async (outcome: ScriptResult['outcome'] | Error) => {
    ends.shift()?.(outcome);
    await new Promise((done) => setTimeout(done));
  };
  return { sitting, ran, end, log: () => sitting.lines.map(({ kind, text }) => `${kind}: ${text}`) };
}

test('what is typed while a text runs waits in view, and runs in its turn', async () => {
  const { sitting, ran, end, log } = open();
  void sitting.run('$night = connect Databases to beta map base /night');
  void sitting.run('wait on mirror $night');
  void sitting.run('');
  void sitting.run('write "level"');
  expect(ran).toHaveLength(1);
  expect(sitting.waiting).toEqual(['wait on mirror $night', 'write "level"']);
  await end('finished');
  expect(ran.at(-1)).toBe('wait on mirror $night');
  expect(sitting.waiting).toEqual(['write "level"']);
  await end('finished');
  await end('finished');
  expect(sitting.isRunning).toBe(false);
  expect(log()).toEqual([
    'input: $night = connect Databases to beta map base /night',
    'input: wait on mirror $night',
    'input: write "level"',
  ]);
});

test('a block that is typed ahead is put together', async () => {
  const { sitting, ran, end } = open();
  void sitting.run('for $i = 1 to 2 do');
  void sitting.run('write $i; end');
  await end('more');
  expect(ran.at(-1)).toBe('for $i = 1 to 2 do\nwrite $i; end');
  await end('finished');
  expect(sitting.pending).toBe('');
});

test('a stop drops what waits and says so, without a password', async () => {
  const { sitting, ran, end, log } = open();
  void sitting.run('wait 600000');
  void sitting.run('login beta ops secret');
  expect(sitting.waiting).toEqual(['login beta ops •••']);
  expect(sitting.history).toEqual(['wait 600000']);
  await sitting.stop();
  await end('interrupted');
  expect(ran).toEqual(['wait 600000']);
  expect(log()).toEqual(['input: wait 600000', 'warning: not run: login beta ops •••']);
});

test('what counted on a text that was lost with its link does not run', async () => {
  const { sitting, ran, end, log } = open();
  void sitting.run('$id = conid Databases to beta');
  void sitting.run('disconnect $id');
  await end(new Error('the link is gone'));
  expect(ran).toHaveLength(1);
  expect(sitting.isRunning).toBe(false);
  expect(log().at(-1)).toBe('warning: not run: disconnect $id');
});
