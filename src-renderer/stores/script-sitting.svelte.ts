import type { ConsoleUpdate, ScriptLine } from '../../src-main/api/index.ts';
import { toCallFailure, type ConsoleLink } from '../api/index.ts';

/** What was typed (`input`) and what came of it. */
export interface LogLine {
  readonly id: number;
  readonly kind: ScriptLine['kind'] | 'input';
  readonly text: string;
}

const MOST_LINES = 5000;

/** A prompt of the scripting language: its log, what was typed before, and what waits for the rest of an open block. */
export class ScriptSitting {
  readonly #link: ConsoleLink;
  readonly #sittingId: string;
  #lines = $state.raw<readonly LogLine[]>([]);
  #pending = $state('');
  #isRunning = $state(false);
  #waiting = $state.raw<readonly string[]>([]);
  #nextId = 0;
  #history: string[] = [];

  constructor(link: ConsoleLink, sittingId: string) {
    this.#link = link;
    this.#sittingId = sittingId;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Typed lines of a block that is not closed yet; '' outside one. */
  get pending(): string {
    return this.#pending;
  }

  /** What was typed while another text runs, as it may be shown; each runs in its turn. */
  get waiting(): readonly string[] {
    return this.#waiting.map(shown);
  }

  /** What was typed, the oldest first. Logins are left out: one may hold a password. */
  get history(): readonly string[] {
    return this.#history;
  }

  receive(update: ConsoleUpdate): void {
    if (update.name === 'script' && update.sittingId === this.#sittingId) this.#add(update.value);
  }

  /** Runs what was typed, together with the open block before it; while another text runs it waits for its turn. */
  async run(typed: string): Promise<void> {
    if (typed.trim() === '' && this.#pending === '' && !this.#isRunning) return;
    if (!isSecret(typed) && typed.trim() !== '' && this.#history.at(-1) !== typed) this.#history.push(typed);
    if (this.#isRunning) {
      if (typed.trim() !== '') this.#waiting = [...this.#waiting, typed];
      return;
    }
    this.#isRunning = true;
    try {
      for (let next: string | undefined = typed; next !== undefined; [next, ...this.#waiting] = this.#waiting)
        await this.#runOne(next);
    } finally {
      this.#isRunning = false;
    }
  }

  /** Interrupts what runs and drops what waits for it, or drops an open block. */
  async stop(): Promise<void> {
    this.#pending = '';
    this.#dropWaiting();
    if (this.#isRunning) await this.#link.invoke('script.stop', { sittingId: this.#sittingId });
  }

  /** The line with what Tab makes of it, and the candidates where there are several. */
  async complete(line: string): Promise<{ readonly line: string; readonly candidates: readonly string[] }> {
    const { candidates, replaced } = await this.#link.invoke('script.complete', { sittingId: this.#sittingId, line });
    const common = candidates.reduce((a, b) => commonStart(a, b), candidates[0] ?? replaced);
    const grown = common.length >= replaced.length ? common : replaced;
    const end = candidates.length === 1 ? ' ' : '';
    return { line: `${line.slice(0, line.length - replaced.length)}${grown}${end}`, candidates };
  }

  clear(): void {
    this.#lines = [];
  }

  async #runOne(typed: string): Promise<void> {
    this.#add([{ kind: 'input', text: shown(typed) }]);
    const text = this.#pending === '' ? typed : `${this.#pending}\n${typed}`;
    try {
      const { outcome } = await this.#link.invoke('script.run', { sittingId: this.#sittingId, text });
      this.#pending = outcome === 'more' ? text : '';
    } catch (thrown) {
      this.#pending = '';
      this.#add([{ kind: 'error', text: toCallFailure(thrown).text }]);
      // Nobody knows how far the text came, and what was typed after it counted on it.
      this.#dropWaiting();
    }
  }

  /** Says what will not run. */
  #dropWaiting(): void {
    this.#add(this.#waiting.map((typed) => ({ kind: 'warning', text: `not run: ${shown(typed)}` })));
    this.#waiting = [];
  }

  #add(lines: readonly Omit<LogLine, 'id'>[]): void {
    const added = lines.map((line) => ({ ...line, id: this.#nextId++ }));
    this.#lines = [...this.#lines, ...added].slice(-MOST_LINES);
  }
}

function isSecret(text: string): boolean {
  return /\blog(in|on)\b/i.test(text);
}

/** A typed text without the password that it may hold. */
function shown(text: string): string {
  return isSecret(text) ? withoutPassword(text) : text;
}

/** `login alpha admin secret` as it may be shown. */
function withoutPassword(text: string): string {
  return text.replace(/(\blog(?:in|on)\s+\S+\s+(?!stored\b)\S+\s+)("(?:[^"]|"")*"|[^\s;]+)/gi, '$1•••');
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && length < b.length && a[length]?.toLowerCase() === b[length]?.toLowerCase()) length++;
  return a.slice(0, length);
}
