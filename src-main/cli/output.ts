import { once } from 'node:events';

/** Standard output for lists of any length: waits for a reader that is slow, and one that has seen enough (head, less) is no failure. */
export async function printAll(chunks: AsyncIterable<string | Buffer>): Promise<void> {
  const leave = () => process.exit(0);
  process.stdout.on('error', leave);
  for await (const chunk of chunks) if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  process.stdout.off('error', leave);
}
