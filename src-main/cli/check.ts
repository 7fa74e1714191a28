import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const CHECKS = ['check:lint', 'check:types', 'check:format', 'test:unit'];
const AT_ONCE = 2;

/** `npm run check`: all checks, two at a time, each one's output in one piece, and at the end which failed. */
async function check(root: string): Promise<readonly string[]> {
  const waiting = [...CHECKS];
  const failed: string[] = [];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const startedAtMs = Date.now();
      const { code, output } = await runScript(root, name);
      const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(0);
      if (code !== 0) {
        failed.push(name);
        process.stdout.write(output);
      }
      console.log(`${code === 0 ? 'passed' : 'FAILED'}  ${name}  ${seconds} s`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failed;
}

function runScript(root: string, name: string): Promise<{ code: number | null; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn('npm', ['run', '-s', name], {
      cwd: root,
      shell: process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', fail);
    child.once('close', (code) => {
      done({ code, output });
    });
  });
}

const failed = await check(resolve(import.meta.dirname, '../..'));
if (failed.length > 0) {
  console.log(`Failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
