import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ReplicationError } from '../base/index.ts';
import { replaceFile } from './atomic-file.ts';

/** What a settings file holds: the schema of the present version, and one step from each older version to the next. */
export interface SettingsShape<T extends object> {
  readonly schema: z.ZodType<T>;
  /** `migrations[0]` turns version 1 into version 2, and so on; the present version is one more than their number. Only appended to. */
  readonly migrations: readonly ((old: Readonly<Record<string, unknown>>) => Record<string, unknown>)[];
  readonly initial: T;
}

/** An open settings file. Its value is never mutated, only replaced: on disk first, then in memory. */
export interface SettingsFile<T extends object> {
  readonly value: T;
  /**
   * Replaces the value by what `change` makes of it, after all earlier updates. Checks that must hold at that moment belong into `change`: when
   * it throws, or the disk refuses, nothing is changed and the promise rejects.
   */
  update(change: (value: T) => T): Promise<void>;
  /** Resolves when all updates so far have ended. */
  settled(): Promise<void>;
}

const stored = z.looseObject({ version: z.int().min(1) });

/** Opens the file, or starts with `initial` when there is none (nothing is written until the first save). Damaged or newer files are refused. */
export function openSettings<T extends object>(file: string, shape: SettingsShape<T>): SettingsFile<T> {
  const version = shape.migrations.length + 1;
  let value = read(file, shape, version);
  let last: Promise<unknown> = Promise.resolve();
  async function apply(change: (old: T) => T): Promise<void> {
    const next = change(value);
    shape.schema.parse(next);
    await replaceFile(file, `${JSON.stringify({ version, ...next }, null, 2)}\n`);
    // The very value that was given, not the schema's copy: callers compare its parts by identity.
    value = next;
  }
  return {
    get value() {
      return value;
    },
    update(change) {
      const updated = last.then(() => apply(change));
      last = updated.catch(() => undefined); // told to its own caller; the next update starts from the old value
      return updated;
    },
    settled: async () => {
      await last;
    },
  };
}

function read<T extends object>(file: string, shape: SettingsShape<T>, version: number): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return shape.initial;
    throw new ReplicationError('io-error', { path: file }, { cause: error });
  }
  const envelope = parse(file, stored, parseJson(file, text));
  const { version: found, ...rest } = envelope;
  if (found > version) throw new ReplicationError('newer-data', { path: file, found, known: version });
  let fields: Record<string, unknown> = rest;
  for (const migrate of shape.migrations.slice(found - 1)) fields = migrate(fields);
  return parse(file, shape.schema, fields);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ReplicationError('damaged-data', { path: file, text: 'not valid JSON' }, { cause: error });
  }
}

function parse<T>(file: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const text = issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : 'wrong shape';
  throw new ReplicationError('damaged-data', { path: file, text }, { cause: result.error });
}
