import { ReplicationError } from '../base/index.ts';

/** A password from standard input: typed without echo at a terminal (twice if asked), else the first line of what is piped in. */
export async function readPassword(prompt: string, { twice = false }: { twice?: boolean } = {}): Promise<string> {
  if (!process.stdin.isTTY) return firstLine();
  const password = await typed(prompt);
  if (twice && (await typed('The same again: ')) !== password) {
    throw new ReplicationError('bad-input', { text: 'the two passwords differ' });
  }
  return password;
}

async function firstLine(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}

async function typed(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  process.stdin.setRawMode(true);
  process.stdin.setEncoding('utf8');
  process.stdin.resume();
  let text = '';
  try {
    return await new Promise<string>((resolve, reject) => {
      const onData = (chunk: string) => {
        for (const letter of chunk) {
          if (letter === '\r' || letter === '\n' || letter === '\x04') {
            finish(() => resolve(text));
            return;
          }
          if (letter === '\x03') {
            finish(() => reject(new ReplicationError('bad-input', { text: 'cancelled' })));
            return;
          }
          text = letter === '\x7f' || letter === '\b' ? text.slice(0, -1) : text + letter;
        }
      };
      const finish = (end: () => void) => {
        process.stdin.off('data', onData);
        end();
      };
      process.stdin.on('data', onData);
    });
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stderr.write('\n');
  }
}
