import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { codedError, ownerId, type OwnerKind } from '../../fs/index.ts';
import { mapAcl, type Attributes, type ExtendedAttribute } from '../../model/index.ts';
import type { SourceMessage } from '../../wire/index.ts';

/** Shown for an owner that no source number can stand for: it is never equal, so that a mirror puts it right. */
const NO_SOURCE_NUMBER = 0xffff_fffe;

type Pairs = readonly (readonly [number, number])[];

/**
 * Which number on this machine stands for which of the source, for a source whose owners go by name. A name that is unknown here keeps the
 * source's number. Kept on disk before any op that relies on it is acknowledged, because ops wait in the queue over a restart.
 */
export class OwnerMap {
  readonly #file: string;
  #isKept = true;
  readonly #here: Record<OwnerKind, Map<number, number>>;
  readonly #there: Record<OwnerKind, Map<number, number>> = { user: new Map(), group: new Map() };

  private constructor(file: string, here: Record<OwnerKind, Map<number, number>>) {
    this.#file = file;
    this.#here = here;
    this.#reverse();
  }

  /** A file that is not there or damaged gives an empty map: the source tells its names with each link. */
  static open(file: string): OwnerMap {
    try {
      const { version, user, group } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
      if (version === 1 && isPairs(user) && isPairs(group))
        return new OwnerMap(file, { user: new Map(user), group: new Map(group) });
    } catch {
      // As one that is not there.
    }
    return new OwnerMap(file, { user: new Map(), group: new Map() });
  }

  /** What the source says of its owners. Throws coded errors of the disk; then it is kept with the next message. */
  take({ byName, owners }: Extract<SourceMessage, { kind: 'owner-names' }>): void {
    let isChanged = !this.#isKept;
    if (!byName && this.#here.user.size + this.#here.group.size > 0) {
      this.#here.user.clear();
      this.#here.group.clear();
      isChanged = true;
    }
    for (const { kind, id, name } of owners) {
      const number = ownerId(kind, name) ?? id;
      if (this.#here[kind].get(id) === number) continue;
      this.#here[kind].set(id, number);
      isChanged = true;
    }
    if (!isChanged) return;
    this.#reverse();
    this.#isKept = false;
    try {
      this.#store();
    } catch (error) {
      throw codedError(error, this.#file);
    }
    this.#isKept = true;
  }

  /** Attributes of the source with this machine's numbers. */
  arriving(attributes: Attributes): Attributes {
    return this.#isEmpty ? attributes : translate(attributes, (kind, id) => this.#here[kind].get(id) ?? id);
  }

  /** Attributes of this machine with the source's numbers, as it compares them. */
  leaving(attributes: Attributes): Attributes {
    if (this.#isEmpty) return attributes;
    return translate(attributes, (kind, id) => this.#there[kind].get(id) ?? (this.#here[kind].has(id) ? NO_SOURCE_NUMBER : id));
  }

  get #isEmpty(): boolean {
    return this.#here.user.size === 0 && this.#here.group.size === 0;
  }

  #reverse(): void {
    for (const kind of ['user', 'group'] as const) {
      this.#there[kind].clear();
      for (const [source, here] of this.#here[kind]) this.#there[kind].set(here, source);
    }
  }

  #store(): void {
    const { user, group } = this.#here;
    const fd = openSync(`${this.#file}.new`, 'w', 0o600);
    try {
      writeSync(fd, JSON.stringify({ version: 1, user: [...user], group: [...group] }));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function translate(attributes: Attributes, numberOf: (kind: OwnerKind, id: number) => number): Attributes {
  const { uid, gid, extended } = attributes;
  const owners = { ...attributes, uid: numberOf('user', uid), gid: numberOf('group', gid) };
  return extended === undefined ? owners : { ...owners, extended: extended.map((one) => translateAcl(one, numberOf)) };
}

function translateAcl(attribute: ExtendedAttribute, numberOf: (kind: OwnerKind, id: number) => number): ExtendedAttribute {
  const { name, value } = attribute;
  return name.startsWith('system.posix_acl_') ? { name, value: mapAcl(value, numberOf) } : attribute;
}

/** By hand: a schema would bring its whole library into the thread of the target. */
function isPairs(value: unknown): value is Pairs {
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every((number) => Number.isInteger(number));
  return Array.isArray(value) && value.every(isPair);
}
