import { createInterface } from 'node:readline';
import type { PromptHistory } from './prompt-history.ts';

export interface PromptOptions {
  readonly prompt: string;
  /** The prompt while a block is open. */
  readonly continuation: string;
  readonly history: PromptHistory;
  readonly complete: (line: string) => [string[], string];
  /** Takes what was typed so far; `more` asks for another line of the same input, `drop` forgets what was typed ahead, `leave` ends. */
  readonly take: (text: string) => Promise<'more' | 'next' | 'drop' | 'leave'>;
}

/** Where a person types. */
export interface PromptTerminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Reads lines until the input ends or `take` says so. A terminal gets editing, history and completion. */
export async function runPrompt(options: PromptOptions): Promise<void> {
  await (process.stdin.isTTY ? atTerminal(options, { input: process.stdin, output: process.stdout }) : fromPipe(options));
}

/** The same for somebody at this terminal. */
export async function atTerminal(options: PromptOptions, terminal: PromptTerminal): Promise<void> {
  const { prompt, continuation, history, complete, take } = options;
  let text = '';
  let typed = nothingTyped;
  for (;;) {
    const shown = text === '' ? prompt : continuation;
    const ahead = typed.lines[0];
    if (ahead === undefined) {
      if (typed.isOver) return;
      // A reader of its own: while a command runs the terminal is its own, for a password without echo and for Ctrl-C.
      const answer = await readLines(shown, typed.begun, history, complete, terminal);
      if (answer === null) return;
      typed = answer === 'interrupted' ? nothingTyped : answer;
      if (answer === 'interrupted') text = '';
      if (typed.lines.length === 0) continue;
    } else terminal.output.write(`${shown}${ahead}\n`);
    const [line = '', ...lines] = typed.lines;
    typed = { ...typed, lines };
    history.add(line);
    text += `${line}\n`;
    const next = await take(text);
    if (next === 'leave') return;
    if (next === 'drop') typed = { ...nothingTyped, isOver: typed.isOver };
    if (next !== 'more') text = '';
  }
}

/** What came at once, pasted say: lines, and the beginning of another one. */
interface Typed {
  readonly lines: readonly string[];
  readonly begun: string;
  /** Nothing comes any more. */
  readonly isOver: boolean;
}

const nothingTyped: Typed = { lines: [], begun: '', isOver: false };

function readLines(
  prompt: string,
  begun: string,
  history: PromptHistory,
  completer: (line: string) => [string[], string],
  { input, output }: PromptTerminal,
): Promise<Typed | 'interrupted' | null> {
  return new Promise((resolve) => {
    const reader = createInterface({
      input,
      output,
      prompt,
      completer,
      terminal: true,
      history: [...history.entries],
      removeHistoryDuplicates: true,
    });
    const lines: string[] = [];
    let answer: Typed | 'interrupted' | null = null;
    reader.on('line', (line) => {
      lines.push(line);
      if (lines.length > 1) return;
      // The reader gives the lines of one read one after the other; closed at the first, it would lose the others.
      setImmediate(() => {
        answer ??= { lines, begun: reader.line, isOver: false };
        reader.close();
      });
    });
    reader.once('SIGINT', () => {
      output.write('\n');
      answer = 'interrupted';
      reader.close();
    });
    reader.once('close', () => {
      if (answer === null && lines.length > 0) answer = { lines, begun: '', isOver: true };
      if (answer === null) output.write('\n');
      resolve(answer);
    });
    reader.prompt();
    if (begun !== '') reader.write(begun);
  });
}

async function fromPipe({ prompt, continuation, take }: PromptOptions): Promise<void> {
  const reader = createInterface({ input: process.stdin });
  process.stdout.write(prompt);
  let text = '';
  for await (const line of reader) {
    text += `${line}\n`;
    const next = await take(text);
    if (next === 'leave') return;
    if (next !== 'more') text = '';
    process.stdout.write(next === 'more' ? continuation : prompt);
  }
  process.stdout.write('\n');
  // The input ended inside a block: its problem is told.
  if (text !== '') await take(`${text};`);
}
