import type { ConnectionId, ReplicationSet, SetRule } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { SettingsFile } from '../config/index.ts';
import type { StoredSet } from './stored.ts';

type Size = ReplicationSet['size'];

/**
 * Replication sets: a working copy that people edit and a saved copy on disk. Connections are made from the saved one; a stop drops unsaved
 * changes. Names are compared without regard to case and keep the spelling of their creation.
 */
export class Sets {
  readonly #file: SettingsFile<{ readonly sets: readonly StoredSet[] }>;
  readonly #working = new Map<string, StoredSet>();
  readonly #usedBy: (setName: string) => readonly ConnectionId[];
  readonly #onChange: () => void;

  constructor(
    file: SettingsFile<{ readonly sets: readonly StoredSet[] }>,
    options: { usedBy: (setName: string) => readonly ConnectionId[]; onChange: () => void },
  ) {
    this.#file = file;
    this.#usedBy = options.usedBy;
    this.#onChange = options.onChange;
    for (const set of file.value.sets) this.#working.set(keyOf(set.name), set);
  }

  list(): readonly ReplicationSet[] {
    return [...this.#working.values()].map((set) => this.#show(set)).sort((a, b) => (keyOf(a.name) < keyOf(b.name) ? -1 : 1));
  }

  get(name: string): ReplicationSet {
    return this.#show(this.#require(name));
  }

  create(name: string): ReplicationSet {
    if (this.#working.has(keyOf(name))) throw new ReplicationError('set-exists', { set: name });
    return this.#put({ name, rules: [], size: null });
  }

  /** A rule for a path that has one already takes its place. */
  addRule(name: string, rule: SetRule): ReplicationSet {
    const set = this.#require(name);
    const others = set.rules.filter((other) => !samePath(other.path, rule.path));
    return this.#put({ ...set, rules: [...others, rule], size: null });
  }

  removeRule(name: string, path: string): ReplicationSet {
    const set = this.#require(name);
    const rules = set.rules.filter((rule) => !samePath(rule.path, path));
    if (rules.length === set.rules.length) {
      throw new ReplicationError('bad-input', { text: `the set “${set.name}” has no rule for ${path}` });
    }
    return this.#put({ ...set, rules, size: null });
  }

  replaceRules(name: string, rules: readonly SetRule[]): ReplicationSet {
    const set = this.#require(name);
    const size = sameRules(set.rules, rules) ? set.size : null;
    return this.#put({ ...set, rules, size });
  }

  async save(name: string): Promise<ReplicationSet> {
    const set = this.#require(name);
    await this.#file.update(({ sets }) => ({ sets: [...sets.filter((other) => keyOf(other.name) !== keyOf(name)), set] }));
    this.#onChange();
    return this.get(name);
  }

  async delete(name: string): Promise<void> {
    const set = this.#require(name);
    if (this.#usedBy(set.name).length > 0) throw new ReplicationError('set-in-use', { set: set.name });
    await this.#file.update(({ sets }) => {
      if (this.#usedBy(set.name).length > 0) throw new ReplicationError('set-in-use', { set: set.name }); // connected meanwhile
      return { sets: sets.filter((other) => keyOf(other.name) !== keyOf(name)) };
    });
    this.#working.delete(keyOf(name));
    this.#onChange();
  }

  /** The saved copy, for a connect. Throws `unknown-set`, `set-unsaved` or `set-empty`. */
  forConnect(name: string): { readonly name: string; readonly rules: readonly SetRule[] } {
    const set = this.get(name);
    if (!set.saved) throw new ReplicationError('set-unsaved', { set: set.name });
    if (!set.rules.some((rule) => rule.verdict === 'include')) throw new ReplicationError('set-empty', { set: set.name });
    return set;
  }

  /** Remembers the sum of these rules with every set that has just these. */
  noteSize(rules: readonly SetRule[], size: NonNullable<Size>): void {
    const fitting = [...this.#working.values()].filter((set) => sameRules(set.rules, rules));
    for (const set of fitting) this.#working.set(keyOf(set.name), { ...set, size });
    if (fitting.length > 0) this.#onChange();
  }

  #put(set: StoredSet): ReplicationSet {
    this.#working.set(keyOf(set.name), set);
    this.#onChange();
    return this.#show(set);
  }

  #require(name: string): StoredSet {
    const set = this.#working.get(keyOf(name));
    if (!set) throw new ReplicationError('unknown-set', { set: name });
    return set;
  }

  #show(set: StoredSet): ReplicationSet {
    const onDisk = this.#file.value.sets.find((other) => keyOf(other.name) === keyOf(set.name));
    const saved = onDisk !== undefined && sameRules(onDisk.rules, set.rules);
    return { name: set.name, rules: set.rules, saved, connectionIds: this.#usedBy(set.name), size: set.size };
  }
}

function keyOf(name: string): string {
  return name.toLowerCase();
}

/** Windows paths are compared as Windows does; others byte for byte. */
function samePath(a: string, b: string): boolean {
  const plain = (path: string) => {
    const trimmed = path.replace(/(?<=.)[\\/]+$/, '');
    return /^[a-zA-Z]:/.test(trimmed) ? trimmed.replaceAll('/', '\\').toLowerCase() : trimmed;
  };
  return plain(a) === plain(b);
}

function sameRules(a: readonly SetRule[], b: readonly SetRule[]): boolean {
  const plain = (rules: readonly SetRule[]) =>
    JSON.stringify(rules.map(({ path, verdict, recursive }) => [path, verdict, recursive]));
  return plain(a) === plain(b);
}
