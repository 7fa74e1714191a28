import type { SetRule } from '../../../src-main/api/index.ts';
import { pathNames, type VolumeFolder } from './paths.ts';

/** What a check box shows: everything below is selected, a part of it, or nothing. */
export interface Tick {
  readonly mark: 'all' | 'some' | 'none';
  /** Wildcard exclusions apply at or below: the mark speaks of folders, some files are left out. */
  readonly isFiltered: boolean;
}

type Names = readonly string[];

interface ParsedRule {
  readonly rule: SetRule;
  readonly names: Names;
  readonly isPattern: boolean;
  /** One wildcard name that counts at any depth below its folder. */
  readonly isFloating: boolean;
  readonly weight: number;
}

/**
 * Rules ↔ check boxes, by the engine's own decision: of the rules that match, the one with most names wins, then a literal one, then
 * an exclude. A tree asks this for every line in view, a click asks it for the rules that follow.
 */
export class RuleTicks {
  readonly rules: readonly SetRule[];
  readonly #parsed: readonly ParsedRule[];
  readonly #volumes: readonly VolumeFolder[];

  constructor(rules: readonly SetRule[], volumes: readonly VolumeFolder[] = []) {
    this.rules = rules;
    this.#volumes = volumes;
    this.#parsed = rules.map((rule) => parse(rule, volumes));
  }

  tick(path: string, isFolder = true): Tick {
    const names = pathNames(path, this.#volumes);
    return isFolder ? this.#folderTick(names) : this.#fileTick(names);
  }

  /** The rules after a person clicked the path's box: everything on becomes nothing, else everything on. */
  toggled(path: string, isFolder = true): readonly SetRule[] {
    const wanted = this.tick(path, isFolder).mark === 'all' ? 'none' : 'all';
    const names = pathNames(path, this.#volumes);
    const exceptions = this.#exceptions(names);
    const isException = ({ rule, names: its }: ParsedRule) =>
      exceptions.some(({ path: inside, recursive }) => inside === `/${its.join('/')}` && recursive === rule.recursive);
    // Wildcard exclusions stay: below an unticked folder they do nothing, and they are there again when it is ticked again.
    const stays = (other: ParsedRule) => other.isPattern && other.rule.verdict === 'exclude' && !isException(other);
    const rest = this.#parsed.filter((other) => !isWithin(other.names, names) || stays(other)).map((other) => other.rule);
    if (new RuleTicks(rest, this.#volumes).tick(path, isFolder).mark === wanted) return rest;
    const own: SetRule = { path, verdict: wanted === 'all' ? 'include' : 'exclude', recursive: isFolder };
    return [...rest, own, ...(wanted === 'none' && isFolder ? exceptions : [])];
  }

  /** Wildcard inclusions from above that have more names than the folder win over a rule for it: each is taken back for what it means in there. */
  #exceptions(names: Names): readonly SetRule[] {
    return this.#parsed
      .filter((other) => other.rule.verdict === 'include' && !other.isFloating && !isWithin(other.names, names))
      .filter((other) => reachesInto(other, names))
      .map((other) => ({ path: `/${insideOf(names, other).join('/')}`, verdict: 'exclude', recursive: other.rule.recursive }));
  }

  /** Another rule takes back, for this folder, all that the rule says in it. */
  #isTakenBack(parsed: ParsedRule, folder: Names): boolean {
    const inside = insideOf(folder, parsed);
    return this.#parsed.some(
      ({ rule, names, weight }) =>
        rule.verdict !== parsed.rule.verdict &&
        rule.recursive === parsed.rule.recursive &&
        weight > parsed.weight &&
        names.length === inside.length &&
        isPrefix(names, inside),
    );
  }

  #fileTick(names: Names): Tick {
    const parent = names.slice(0, -1);
    const decided = strongest(
      this.#parsed.filter(
        (other) => covers(other, names) || isAt(other, names) || (!other.rule.recursive && isAt(other, parent)),
      ),
    );
    return { mark: decided?.rule.verdict === 'include' ? 'all' : 'none', isFiltered: false };
  }

  #folderTick(names: Names): Tick {
    const all = strongest(this.#parsed.filter((other) => covers(other, names)));
    const files = strongest(
      this.#parsed.filter((other) => covers(other, names) || (!other.rule.recursive && isAt(other, names))),
    );
    const verdict = all?.rule.verdict ?? 'exclude';
    const inside = this.#parsed.filter(
      (other) =>
        other.rule.verdict !== verdict &&
        reachesInto(other, names) &&
        other.weight > (all?.weight ?? -1) &&
        !this.#isTakenBack(other, names),
    );
    const isFiltered = verdict === 'include' && inside.some((other) => other.isPattern);
    const isPartial =
      (files?.rule.verdict ?? 'exclude') !== verdict || inside.some((other) => !other.isPattern || verdict === 'exclude');
    if (isPartial) return { mark: 'some', isFiltered };
    return { mark: verdict === 'include' ? 'all' : 'none', isFiltered };
  }
}

/** True when a rule's path has wildcards. */
export function isPattern(path: string): boolean {
  return /[*?]/.test(path);
}

function parse(rule: SetRule, volumes: readonly VolumeFolder[]): ParsedRule {
  const names = pathNames(rule.path, volumes);
  const firstWild = names.findIndex(isPattern);
  const weight = names.length * 4 + (firstWild < 0 ? 2 : 0) + (rule.verdict === 'exclude' ? 1 : 0);
  const isFloating = firstWild >= 0 && firstWild === names.length - 1 && rule.recursive;
  return { rule, names, isPattern: firstWild >= 0, isFloating, weight };
}

function strongest(rules: readonly ParsedRule[]): ParsedRule | undefined {
  let best: ParsedRule | undefined;
  for (const rule of rules) if (best === undefined || rule.weight > best.weight) best = rule;
  return best;
}

/** True when the rule speaks for the entry and, because it is recursive, for all below it. */
function covers(parsed: ParsedRule, names: Names): boolean {
  if (!parsed.rule.recursive) return false;
  if (!parsed.isFloating) return parsed.names.length <= names.length && isShape(parsed.names, names);
  const folder = parsed.names.slice(0, -1);
  const pattern = parsed.names.at(-1) ?? '';
  return isPrefix(folder, names) && names.slice(folder.length).some((name) => matches(pattern, name));
}

function isAt(parsed: ParsedRule, names: Names): boolean {
  return parsed.names.length === names.length && isShape(parsed.names, names);
}

/** True when the rule may decide about something strictly below the folder. */
function reachesInto(parsed: ParsedRule, folder: Names): boolean {
  if (parsed.names.length > folder.length && isShape(folder, parsed.names, true)) return true;
  return parsed.isFloating && isPrefix(parsed.names.slice(0, -1), folder);
}

/** The names of a rule that reaches into the folder, as they are in there. */
function insideOf(folder: Names, { names }: ParsedRule): Names {
  return [...folder, ...names.slice(folder.length)];
}

/** True when the rule's path is the entry or lies below it. */
function isWithin(ruleNames: Names, names: Names): boolean {
  return isPrefix(names, ruleNames);
}

function isPrefix(start: Names, whole: Names): boolean {
  return start.length <= whole.length && start.every((name, depth) => name === whole[depth]);
}

/** Name by name along the shorter `left`; wildcards stand in the pattern side. */
function isShape(left: Names, right: Names, isPatternRight = false): boolean {
  return left.every((name, depth) => (isPatternRight ? matches(right[depth] ?? '', name) : matches(name, right[depth] ?? '')));
}

function matches(pattern: string, name: string): boolean {
  if (!isPattern(pattern)) return pattern === name;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su').test(name);
}
