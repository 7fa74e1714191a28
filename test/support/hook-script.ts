import { chmodSync, writeFileSync } from 'node:fs';

/** A program of shell lines that only its owner may change. */
export function hookScript(path: string, ...lines: string[]): string {
  writeFileSync(path, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(path, 0o700);
  return path;
}
