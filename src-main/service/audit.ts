import { closeSync, fdatasync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { AuditEntry, CallName } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { Answered } from '../control/index.ts';
import type { ProgramReport } from '../engine/connection/index.ts';

/** Most of the file that a list reads; older entries stay in the file for people. */
const MOST_READ_BYTES = 2 * 1024 * 1024;
const MOST_DETAILS = 2000;

/** Calls that only look. All others are recorded, and so is each refusal of any call. */
const looks: ReadonlySet<CallName> = new Set<CallName>([
  'session.info',
  'server.info',
  'folder.list',
  'set.list',
  'set.get',
  'set.calculate',
  'account.list',
  'audit.list',
  'message.list',
  'connection.preview',
  'replica.list',
  'connection.list',
  'connection.get',
  'connection.preserved',
  'connection.find',
  'line.list',
  'schedule.preview',
  'service.settings',
  'replica.orphans',
  'replica.kept',
  'rotation.list',
  'rotation.preview',
  'rotation.preview-draft',
  'restore.list',
  'restore.get',
  'restore.sample',
  'restore.prepare',
]);

/** Who did what, from where, with what outcome: one JSON line each, only ever appended, flushed right after. Holds no secrets. */
export class Audit {
  readonly #descriptor: number;
  #flushes = 0;
  #isClosing = false;
  #isClosed = false;

  constructor(file: string) {
    this.#descriptor = openSync(file, 'a+', 0o600);
  }

  note({ call, input, peer, error }: Answered): void {
    const outcome = outcomeOf(error);
    if (looks.has(call) && outcome !== 'refused') return;
    const fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
    const attempted = call === 'session.login' && typeof fields.user === 'string' ? fields.user.slice(0, 100) : null;
    this.#append({
      at: new Date().toISOString(),
      user: peer.user ?? attempted ?? '-',
      from: peer.from,
      action: call,
      details: detailsOf(fields, error),
      outcome,
    });
  }

  /** The service itself ran a program that an administrator set. */
  noteProgram({ connectionId, purpose, program, outcome, text }: ProgramReport): void {
    this.#append({
      at: new Date().toISOString(),
      user: 'service',
      from: 'this server',
      action: `hooks.${purpose}`,
      details: JSON.stringify({ connectionId, program, ...(outcome === 'ok' ? {} : { outcome, text }) }).slice(0, MOST_DETAILS),
      outcome: outcome === 'ok' ? 'ok' : outcome === 'refused' ? 'refused' : 'failed',
    });
  }

  /** The newest `limit` entries, newest first. */
  list(limit: number): readonly AuditEntry[] {
    const { size } = fstatSync(this.#descriptor);
    const length = Math.min(size, MOST_READ_BYTES);
    const bytes = Buffer.alloc(length);
    readSync(this.#descriptor, bytes, 0, length, size - length);
    const lines = bytes.toString('utf8').split('\n');
    if (length < size) lines.shift(); // begins in the middle
    return lines
      .slice(-limit - 1)
      .flatMap((line) => parseEntry(line))
      .reverse()
      .slice(0, limit);
  }

  /** The file is let go when its last flush is done. */
  close(): void {
    this.#isClosing = true;
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (!this.#isClosing || this.#isClosed || this.#flushes > 0) return;
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }

  #append(entry: AuditEntry): void {
    // A call that ends after the stop: the number of the closed file may belong to another one by now.
    if (this.#isClosed) return;
    writeSync(this.#descriptor, `${JSON.stringify(entry)}\n`);
    // Not waited for: a busy disk must not hold up everybody's calls. A killed process loses nothing, a power cut the last moment.
    this.#flushes++;
    fdatasync(this.#descriptor, () => {
      this.#flushes--;
      this.#closeIfDone();
    });
  }
}

function outcomeOf(error: unknown): AuditEntry['outcome'] {
  if (error === null) return 'ok';
  const refusals: readonly string[] = ['not-allowed', 'not-logged-in', 'wrong-password', 'too-many-attempts'];
  return error instanceof ReplicationError && refusals.includes(error.code) ? 'refused' : 'failed';
}

function detailsOf(fields: Record<string, unknown>, error: unknown): string {
  const { password: _password, user: _user, ...rest } = fields;
  const code = error === null ? '' : error instanceof ReplicationError ? error.code : 'internal';
  // Input that did not fit its schema can hold a password under any name.
  const facts = code === 'bad-input' || Object.keys(rest).length === 0 ? '' : JSON.stringify(rest).slice(0, MOST_DETAILS);
  return [code, facts].filter((part) => part !== '').join(' ');
}

function parseEntry(line: string): AuditEntry[] {
  if (line === '') return [];
  try {
    return [JSON.parse(line) as AuditEntry];
  } catch {
    return []; // a line that a power cut left half written
  }
}
