import { ReplicationError } from '../../base/index.ts';
import type { SetRule } from '../../api/index.ts';
import { isWithin, parentPath, STAGE_FOLDER, type AbsolutePath } from './entry.ts';
import { hasWildcard, matchName } from './rule-pattern.ts';
import { resolveUserPath, typedText, type VolumeTable } from './user-paths.ts';

/** An outermost place that a set includes: the folder (or file) where a walk starts. */
export interface SetRoot {
  readonly absolute: AbsolutePath;
  /** In the form that was typed: `c:\data` or `/srv/data`. */
  readonly typed: string;
  readonly volume: string | null;
  readonly inside: string;
}

/**
 * The rules of a set, ready to be asked about every entry of a disk. All paths are absolute and raw.
 *
 * A rule names a path of n names. Literal: the entry itself and, if recursive, all below it; if not, the files directly in it. With a
 * wildcard in its last name only: recursive = entries so named at any depth below its folder, with all below them; not recursive =
 * directly in that folder. With a wildcard further up: exactly that shape of path. Of all rules that match an entry the one with most
 * names wins, then a literal one, then an exclude. Their order says nothing, and no path needs to exist.
 */
export interface CompiledRules {
  /** Sorted by path; none lies inside another. */
  readonly roots: readonly SetRoot[];
  /** Whether the entry belongs to the set. A folder inside a root that leads to something selected does, so that it exists on the target. */
  selects(path: AbsolutePath, isFolder: boolean): boolean;
  /** Whether anything below the folder could be selected. */
  descends(folder: AbsolutePath): boolean;
  /** Whether no rule leaves out anything below the folder (our own stage folders aside). */
  selectsAllBelow(folder: AbsolutePath): boolean;
  /** The rule that decides about this file; null when none matches. */
  explain(path: AbsolutePath): SetRule | null;
}

interface Rule {
  readonly rule: SetRule;
  readonly isInclude: boolean;
  readonly isRecursive: boolean;
  /** Names before the first wildcard; the rest is `pattern`. */
  readonly literal: readonly string[];
  readonly pattern: readonly string[];
  readonly weight: number;
}

/** Literal names of rules as a tree. */
class Node {
  readonly children = new Map<string, Node>();
  readonly rules: Rule[] = [];
  /** One-name wildcards that apply at any depth below here. */
  readonly floating: Rule[] = [];
  /** Wildcards that start right below here. */
  readonly anchored: Rule[] = [];
  hasIncludeBelow = false;
  hasExcludeBelow = false;
  isRoot = false;
}

/** What the rules say about the children of one folder. */
interface Scope {
  readonly node: Node | null;
  readonly isInRoot: boolean;
  readonly isStage: boolean;
  /** Decides about all below unless something more specific does. */
  readonly all: Rule | null;
  /** The same for the files directly in the folder. */
  readonly files: Rule | null;
  readonly floating: readonly Rule[];
  readonly partial: readonly { readonly rule: Rule; readonly at: number }[];
}

const MOST_CACHED_SCOPES = 4096;

/** Compiles the rules of a set. Throws `set-empty` when nothing is included, `bad-path`, `volume-unknown`. */
export function compileRules(rules: readonly SetRule[], volumes: VolumeTable): CompiledRules {
  const top = new Node();
  const places: SetRoot[] = [];
  for (const rule of rules) {
    const { absolute, volume, inside } = resolveUserPath(rule.path, volumes);
    const names = absolute.split('/').filter((name) => name !== '');
    const insideNames = inside.split('/').filter((name) => name !== '');
    // A wildcard counts only in what was typed, not in the folder behind a drive letter.
    const hidden = names.length - insideNames.length;
    const wild = insideNames.findIndex(hasWildcard);
    const cut = wild < 0 ? names.length : hidden + wild;
    const literal = names.slice(0, cut);
    const pattern = names.slice(cut);
    const isInclude = rule.verdict === 'include';
    const weight = names.length * 4 + (pattern.length === 0 ? 2 : 0) + (isInclude ? 0 : 1);
    plant(top, { rule, isInclude, isRecursive: rule.recursive, literal, pattern, weight });
    if (isInclude)
      places.push(setRoot(volume, insideNames.slice(0, wild < 0 ? undefined : wild).join('/'), `/${literal.join('/')}`));
  }
  return new RuleTree(top, places);
}

function setRoot(volume: string | null, inside: string, absolute: AbsolutePath): SetRoot {
  const text = typedText(inside);
  const typed = volume === null ? `/${text}` : `${volume.toLowerCase()}:\\${text.replaceAll('/', '\\')}`;
  return { absolute, typed, volume, inside };
}

function plant(top: Node, rule: Rule): void {
  let node = top;
  for (const name of rule.literal) {
    if (rule.isInclude) node.hasIncludeBelow = true;
    else node.hasExcludeBelow = true;
    let next = node.children.get(name);
    if (next === undefined) node.children.set(name, (next = new Node()));
    node = next;
  }
  if (rule.pattern.length === 0) node.rules.push(rule);
  else if (rule.pattern.length === 1 && rule.isRecursive) node.floating.push(rule);
  else node.anchored.push(rule);
}

function stronger(a: Rule | null, b: Rule | null): Rule | null {
  if (a === null || b === null) return a ?? b;
  return b.weight > a.weight ? b : a;
}

class RuleTree implements CompiledRules {
  readonly roots: readonly SetRoot[];
  readonly #top: Scope;
  readonly #scopes = new Map<AbsolutePath, Scope>();

  constructor(top: Node, places: readonly SetRoot[]) {
    // Until the roots are known nothing is inside one; the checks below need verdicts only.
    this.#top = enter(
      { node: null, isInRoot: false, isStage: false, all: null, files: null, floating: [], partial: [] },
      top,
      null,
    );
    const sorted = places.toSorted((a, b) => (a.absolute < b.absolute ? -1 : a.absolute > b.absolute ? 1 : 0));
    const roots: SetRoot[] = [];
    for (const place of sorted) {
      if (this.#verdict(place.absolute, false)?.isInclude !== true && !this.descends(place.absolute)) continue;
      if (!roots.some((root) => isWithin(place.absolute, root.absolute))) roots.push(place);
    }
    if (roots.length === 0) throw new ReplicationError('set-empty');
    this.roots = roots;
    this.#scopes.clear();
    for (const root of roots) {
      const names = root.absolute.split('/').filter((name) => name !== '');
      let node: Node | undefined = top;
      for (const name of names) node = node?.children.get(name);
      if (node !== undefined) node.isRoot = true;
    }
    if (top.isRoot) this.#top = { ...this.#top, isInRoot: true };
  }

  selects(path: AbsolutePath, isFolder: boolean): boolean {
    if (path === '/') return this.#top.isInRoot;
    const cut = path.lastIndexOf('/');
    const scope = this.#scopeOf(cut === 0 ? '/' : path.slice(0, cut));
    if (scope.isStage) return false;
    const name = path.slice(cut + 1);
    if (name === STAGE_FOLDER) return false;
    if (decide(scope, name, isFolder)?.isInclude === true) return true;
    if (!isFolder || !(scope.isInRoot || scope.node?.children.get(name)?.isRoot === true)) return false;
    return leadsOn(step(scope, name));
  }

  descends(folder: AbsolutePath): boolean {
    return leadsOn(this.#scopeOf(folder));
  }

  selectsAllBelow(folder: AbsolutePath): boolean {
    const scope = this.#scopeOf(folder);
    if (scope.isStage || scope.all?.isInclude !== true || scope.node?.hasExcludeBelow === true) return false;
    // A weaker rule leaves nothing out, but telling that is not worth its while.
    return [...scope.floating, ...scope.partial.map(({ rule }) => rule), ...(scope.node?.rules ?? [])].every(
      ({ isInclude }) => isInclude,
    );
  }

  explain(path: AbsolutePath): SetRule | null {
    return this.#verdict(path, false)?.rule ?? null;
  }

  #verdict(path: AbsolutePath, isFolder: boolean): Rule | null {
    if (path === '/') return this.#top.all ?? this.#top.files;
    const scope = this.#scopeOf(path.lastIndexOf('/') === 0 ? '/' : parentPath(path));
    return scope.isStage ? null : decide(scope, path.slice(path.lastIndexOf('/') + 1), isFolder);
  }

  #scopeOf(folder: AbsolutePath): Scope {
    if (folder === '/') return this.#top;
    const known = this.#scopes.get(folder);
    if (known !== undefined) return known;
    const cut = folder.lastIndexOf('/');
    const scope = step(this.#scopeOf(cut === 0 ? '/' : folder.slice(0, cut)), folder.slice(cut + 1));
    // A walk asks about one folder at a time, so forgetting all now and then costs nothing.
    if (this.#scopes.size >= MOST_CACHED_SCOPES) this.#scopes.clear();
    this.#scopes.set(folder, scope);
    return scope;
  }
}

/** The strongest rule for the entry `name` of a folder. */
function decide(scope: Scope, name: string, isFolder: boolean): Rule | null {
  let best = isFolder ? scope.all : stronger(scope.all, scope.files);
  const node = scope.node?.children.get(name);
  if (node !== undefined) for (const rule of node.rules) best = stronger(best, rule);
  for (const rule of scope.floating) if (matchName(rule.pattern[0] ?? '', name)) best = stronger(best, rule);
  for (const { rule, at } of scope.partial)
    if (at === rule.pattern.length - 1 && matchName(rule.pattern[at] ?? '', name)) best = stronger(best, rule);
  return best;
}

/** The scope of the sub-folder `name`. */
function step(scope: Scope, name: string): Scope {
  return enter(scope, scope.node?.children.get(name) ?? null, name);
}

function enter(scope: Scope, node: Node | null, name: string | null): Scope {
  let all = scope.all;
  let files: Rule | null = null;
  const cover = (rule: Rule) => {
    if (rule.isRecursive) all = stronger(all, rule);
    else files = stronger(files, rule);
  };
  const partial: { rule: Rule; at: number }[] = [];
  if (name !== null) {
    for (const rule of scope.floating) if (matchName(rule.pattern[0] ?? '', name)) cover(rule);
    for (const { rule, at } of scope.partial) {
      if (!matchName(rule.pattern[at] ?? '', name)) continue;
      if (at === rule.pattern.length - 1) cover(rule);
      else partial.push({ rule, at: at + 1 });
    }
  }
  for (const rule of node?.rules ?? []) cover(rule);
  for (const rule of node?.anchored ?? []) partial.push({ rule, at: 0 });
  return {
    node,
    isInRoot: scope.isInRoot || node?.isRoot === true,
    isStage: scope.isStage || name === STAGE_FOLDER,
    all,
    files,
    floating: node === null || node.floating.length === 0 ? scope.floating : [...scope.floating, ...node.floating],
    partial,
  };
}

/** Whether something below the folder of this scope could be selected. */
function leadsOn(scope: Scope): boolean {
  if (scope.isStage) return false;
  if (scope.node?.hasIncludeBelow === true || scope.all?.isInclude === true) return true;
  if (stronger(scope.all, scope.files)?.isInclude === true) return true;
  const wins = (rule: Rule) => rule.isInclude && stronger(scope.all, rule) === rule;
  return scope.floating.some(wins) || scope.partial.some(({ rule }) => wins(rule));
}
