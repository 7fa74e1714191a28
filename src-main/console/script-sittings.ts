import type { ScriptCompletion, ScriptLine, ScriptResult } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import { complete, DtclSession, parse, runScript, type CommandReport, type Problem } from '../dtcl/index.ts';
import { ConsoleHost, type ScriptServers } from './script-host.ts';

/** Pages that were closed leave their sittings behind; the oldest that rest make room. */
const MOST_SITTINGS = 20;
/** Lines are told together, so that a long list is not thousands of updates. */
const TELL_AFTER_MS = 40;

interface Sitting {
  readonly session: DtclSession;
  running: AbortController | null;
}

/** The prompts of a console: each keeps its variables, its source and its target from one text to the next. */
export class ScriptSittings {
  readonly #host: ConsoleHost;
  readonly #tell: (sittingId: string, lines: readonly ScriptLine[]) => void;
  /** The one used last is the last. */
  readonly #sittings = new Map<string, Sitting>();

  constructor(version: string, servers: ScriptServers, tell: (sittingId: string, lines: readonly ScriptLine[]) => void) {
    this.#host = new ConsoleHost(version, servers);
    this.#tell = tell;
  }

  /** Resolves when it has ended; its lines were told before. Rejects with `bad-input` while another text of the sitting runs. */
  async run(sittingId: string, text: string): Promise<ScriptResult> {
    const sitting = this.#sitting(sittingId);
    if (sitting.running !== null) throw new ReplicationError('bad-input', { text: 'a script is running; stop it first' });
    const { script, problems, warnings, isUnfinished } = parse(text, { interactive: true });
    if (isUnfinished && problems.length === 1 && !text.trimEnd().endsWith(';')) return { outcome: 'more', failures: 0 };
    const teller = new Teller((lines) => this.#tell(sittingId, lines));
    for (const warning of warnings) teller.add('warning', `warning: ${warning.text}`);
    for (const problem of problems) teller.add('error', problemText(problem));
    const controller = new AbortController();
    sitting.running = controller;
    try {
      if (problems.length > 0) return { outcome: 'refused', failures: 0 };
      const options = {
        stopsAtFailure: false,
        print: (line: string) => teller.add('output', line),
        report: (report: CommandReport) => teller.report(report),
      };
      const { failures, end } = await runScript(script, sitting.session, options, controller.signal);
      return { outcome: end === 'exited' ? 'exited' : 'finished', failures };
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      teller.add('error', 'Interrupted; what was requested so far stays requested.');
      return { outcome: 'interrupted', failures: 0 };
    } finally {
      sitting.running = null;
      teller.flush();
    }
  }

  complete(sittingId: string, line: string): ScriptCompletion {
    const [candidates, replaced] = complete(line, this.#sitting(sittingId).session);
    return { candidates, replaced };
  }

  /** Interrupts what runs. */
  stop(sittingId: string): void {
    this.#sittings.get(sittingId)?.running?.abort();
  }

  close(): void {
    for (const { running } of this.#sittings.values()) running?.abort();
    this.#sittings.clear();
  }

  #sitting(id: string): Sitting {
    const found = this.#sittings.get(id) ?? { session: new DtclSession(this.#host), running: null };
    this.#sittings.delete(id);
    this.#sittings.set(id, found);
    const resting = [...this.#sittings].find(([other, { running }]) => other !== id && running === null);
    if (this.#sittings.size > MOST_SITTINGS && resting !== undefined) this.#sittings.delete(resting[0]);
    return found;
  }
}

/** Gathers lines and hands them on a few times a second. */
class Teller {
  readonly #tell: (lines: readonly ScriptLine[]) => void;
  #lines: ScriptLine[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (lines: readonly ScriptLine[]) => void) {
    this.#tell = tell;
  }

  add(kind: ScriptLine['kind'], text: string): void {
    this.#lines.push({ kind, text });
    this.#timer ??= setTimeout(() => this.flush(), TELL_AFTER_MS);
  }

  report({ command, error }: CommandReport): void {
    if (error === null) return;
    const number = error.number === 0 ? 'result 0' : `error ${error.number}`;
    this.add('error', `${command}: ${number}: ${error.text}`);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length > 0) this.#tell(this.#lines);
    this.#lines = [];
  }
}

function problemText({ at, number, text }: Problem): string {
  return `line ${at.line}, column ${at.column}: error ${number}: ${text}`;
}
