import { chmodSync, readFileSync, writeFileSync } from 'node:fs';

const most = 500;

/** The lines typed at the prompt, newest first. In memory all of them; the file never holds a line that may hold a password. */
export class PromptHistory {
  readonly #file: string;
  #entries: readonly string[];

  constructor(file: string) {
    this.#file = file;
    this.#entries = read(file);
  }

  get entries(): readonly string[] {
    return this.#entries;
  }

  add(line: string): void {
    if (line.trim() === '' || line === this.#entries[0]) return;
    this.#entries = [line, ...this.#entries.filter((other) => other !== line)].slice(0, most);
    if (mayHoldSecret(line)) return;
    const kept = this.#entries.filter((entry) => !mayHoldSecret(entry)).toReversed();
    try {
      writeFileSync(this.#file, kept.map((entry) => `${entry}\n`).join(''), { mode: 0o600 });
      chmodSync(this.#file, 0o600);
    } catch {
      // A convenience: a prompt on a read-only home works without it.
    }
  }
}

/** A login with anything more than `stored`, a password of an account, and any assignment of a text: the variable may be meant for a login. */
export function mayHoldSecret(line: string): boolean {
  return line.split(';').some((statement) => {
    if (/\baccount\s+(create|password)\b/i.test(statement)) return true;
    if (/^\s*log(in|on)\b/i.test(statement)) return !/\sstored\s*$/i.test(statement);
    const assigned = /^\s*\$[^\s=]+\s*=\s*(.*)$/s.exec(statement)?.[1]?.trim();
    if (assigned === undefined) return /\blog(in|on)\s/i.test(statement);
    return !/^(conid|connect|date|time|ping|version|\d+|\$\w+)\b/i.test(assigned) || assigned.includes('"');
  });
}

function read(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .toReversed()
      .slice(0, most);
  } catch {
    return []; // none yet
  }
}
