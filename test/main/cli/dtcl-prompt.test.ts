import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { atTerminal, type PromptOptions } from '../../../src-main/cli/dtcl-prompt.ts';
import { PromptHistory } from '../../../src-main/cli/prompt-history.ts';
import { eventually } from '../../support/eventually.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** A terminal on which a test types, and what was taken from it. */
function open(answer: (text: string) => ReturnType<PromptOptions['take']> = () => Promise.resolve('next')) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = '';
  output.on('data', (data: Buffer) => (shown += data.toString()));
  const taken: string[] = [];
  const take = (text: string) => {
    taken.push(text);
    return answer(text);
  };
  const history = new PromptHistory(join(tempFolder(), 'history'));
  const prompt = {
    prompt: 'Command: ',
    continuation: '    ...: ',
    history,
    complete: (line: string): [string[], string] => [[], line],
    take,
  };
  const over = atTerminal(prompt, { input, output });
  return { input, taken, over, prompts: () => shown.split('Command: ').length - 1 };
}

test('lines that are pasted together are all taken, one after the other', async () => {
  const { input, taken, over } = open((text) => Promise.resolve(text === 'exit\n' ? 'leave' : 'next'));
  input.write('write 1\rwrite 2\rwrite 3\rex');
  await eventually('all taken', () => taken.length === 3);
  // What was begun stays in the line.
  input.write('it\r');
  await over;
  expect(taken).toEqual(['write 1\n', 'write 2\n', 'write 3\n', 'exit\n']);
});

test('a pasted block is one text', async () => {
  const { input, taken, over } = open((text) => Promise.resolve(text.includes('end') ? 'leave' : 'more'));
  input.write('for $i = 1 to 2 do\rwrite $i;\rend\r');
  await over;
  expect(taken.at(-1)).toBe('for $i = 1 to 2 do\nwrite $i;\nend\n');
});

test('what was pasted behind a command that is interrupted is not run', async () => {
  const { input, taken, over, prompts } = open((text) => Promise.resolve(text === 'exit\n' ? 'leave' : 'drop'));
  input.write('wait 600000\rdisconnect *\r');
  await eventually('a new prompt', () => prompts() === 2);
  input.write('exit\r');
  await over;
  expect(taken).toEqual(['wait 600000\n', 'exit\n']);
});

test('the end of the input ends it, behind what was typed', async () => {
  const { input, taken, over } = open();
  input.end('write 1\rwrite 2\r');
  await over;
  expect(taken).toEqual(['write 1\n', 'write 2\n']);
});
