import type { WriteStream } from 'node:tty';

const LABEL_WIDTH = 10;
const PLAIN_PROGRESS_MS = 3_000;

/**
 * Calm output in two columns. On a terminal a line of progress replaces the one before it; elsewhere (a log, a pipe) progress is
 * printed now and then as whole lines.
 */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #isTerminal: boolean;
  readonly #hasColour: boolean;
  #isOpen = false;
  #nextPlainMs = 0;

  constructor(out: NodeJS.WriteStream & Partial<Pick<WriteStream, 'isTTY'>>) {
    this.#out = out;
    this.#isTerminal = out.isTTY;
    this.#hasColour = this.#isTerminal && process.env.NO_COLOR === undefined;
  }

  title(text: string): void {
    this.#line(`\n${this.#paint('1', text)}\n`);
  }

  /** A line that stays. */
  say(label: string, text: string): void {
    this.#line(`  ${this.#paint('2', label.padEnd(LABEL_WIDTH))} ${text}`);
  }

  good(label: string, text: string): void {
    this.#line(`  ${this.#paint('2', label.padEnd(LABEL_WIDTH))} ${this.#paint('32', text)}`);
  }

  bad(label: string, text: string): void {
    this.#line(`  ${this.#paint('2', label.padEnd(LABEL_WIDTH))} ${this.#paint('31', text)}`);
  }

  /** A line that the next one replaces. */
  progress(label: string, text: string): void {
    const line = `  ${this.#paint('2', label.padEnd(LABEL_WIDTH))} ${text}`;
    if (this.#isTerminal) {
      // Cut to the width: a wrapped line could not be replaced.
      const width = Math.max(20, this.#out.columns);
      this.#out.write(`\r\x1b[2K${line.slice(0, width + (this.#hasColour ? 8 : 0) - 1)}`);
      this.#isOpen = true;
    } else if (Date.now() >= this.#nextPlainMs) {
      this.#nextPlainMs = Date.now() + PLAIN_PROGRESS_MS;
      this.#out.write(`${line}\n`);
    }
  }

  #line(text: string): void {
    this.#out.write(`${this.#isOpen ? '\r\x1b[2K' : ''}${text}\n`);
    this.#isOpen = false;
    this.#nextPlainMs = Date.now() + PLAIN_PROGRESS_MS;
  }

  #paint(code: string, text: string): string {
    return this.#hasColour ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}

/** `63 %` as a bar of 20 cells. */
export function bar(percent: number): string {
  const full = Math.round(Math.min(100, Math.max(0, percent)) / 5);
  return '█'.repeat(full) + '░'.repeat(20 - full);
}

/** `12345` → `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en-GB');
}
