import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { FolderEntry } from '../../../src-main/api/index.ts';
import { toCallFailure } from '../../api/index.ts';

/** A line of the tree as it is shown. `parentIndex` is -1 at the top. */
export type TreeLine =
  | {
      readonly kind: 'entry';
      readonly entry: FolderEntry;
      readonly level: number;
      readonly parentIndex: number;
      readonly isExpandable: boolean;
      readonly isExpanded: boolean;
      readonly isLoading: boolean;
    }
  | { readonly kind: 'note'; readonly path: string; readonly text: string; readonly level: number; readonly parentIndex: number };

type ListFolder = (path: string | null, files: boolean) => Promise<readonly FolderEntry[]>;

/** A server's folders, each listed when it is opened for the first time. */
export class FolderTree {
  readonly #listFolder: ListFolder;
  readonly #showsFiles: boolean;
  readonly #children = new SvelteMap<string, readonly FolderEntry[]>();
  readonly #failures = new SvelteMap<string, string>();
  readonly #expanded = new SvelteSet<string>();
  readonly #loading = new SvelteSet<string>();
  #top = $state.raw<readonly FolderEntry[] | null>(null);
  #topFailure = $state<string | null>(null);
  readonly lines = $derived.by(() => {
    const lines: TreeLine[] = [];
    this.#append(lines, this.#top ?? [], 1, -1);
    return lines;
  });

  constructor(listFolder: ListFolder, showsFiles: boolean) {
    this.#listFolder = listFolder;
    this.#showsFiles = showsFiles;
  }

  get isLoaded(): boolean {
    return this.#top !== null;
  }

  get failure(): string | null {
    return this.#topFailure;
  }

  /** Lists the top; called once, and again after a failure. A single entry at the top is opened at once. */
  async start(): Promise<void> {
    this.#topFailure = null;
    try {
      this.#top = await this.#listFolder(null, this.#showsFiles);
    } catch (thrown) {
      this.#topFailure = toCallFailure(thrown).text;
      return;
    }
    const [only, ...others] = this.#top;
    if (only !== undefined && others.length === 0) await this.expand(only.path);
  }

  toggle(path: string): void {
    if (this.#expanded.has(path)) this.collapse(path);
    else void this.expand(path);
  }

  collapse(path: string): void {
    this.#expanded.delete(path);
  }

  async expand(path: string): Promise<void> {
    this.#expanded.add(path);
    if (this.#children.has(path) || this.#loading.has(path)) return;
    this.#loading.add(path);
    this.#failures.delete(path);
    try {
      this.#children.set(path, await this.#listFolder(path, this.#showsFiles));
    } catch (thrown) {
      this.#failures.set(path, toCallFailure(thrown).text);
    } finally {
      this.#loading.delete(path);
    }
  }

  /** Opens every folder on the way to a path, as far as they exist. */
  async reveal(names: readonly string[], namesOf: (path: string) => readonly string[]): Promise<void> {
    let level = this.#top ?? [];
    for (;;) {
      const next = level.find((entry) => isPrefix(namesOf(entry.path), names));
      if (next === undefined || namesOf(next.path).length >= names.length) return;
      await this.expand(next.path);
      const children = this.#children.get(next.path);
      if (children === undefined) return;
      level = children;
    }
  }

  #append(lines: TreeLine[], entries: readonly FolderEntry[], level: number, parentIndex: number): void {
    for (const entry of entries) {
      const isExpandable = (entry.kind === 'folder' || entry.kind === 'volume') && entry.hasChildren;
      const isExpanded = isExpandable && this.#expanded.has(entry.path);
      const isLoading = this.#loading.has(entry.path);
      const index = lines.push({ kind: 'entry', entry, level, parentIndex, isExpandable, isExpanded, isLoading }) - 1;
      if (!isExpanded) continue;
      const children = this.#children.get(entry.path);
      const failure = this.#failures.get(entry.path);
      if (failure !== undefined)
        lines.push({ kind: 'note', path: entry.path, text: failure, level: level + 1, parentIndex: index });
      else if (children?.length === 0) {
        lines.push({ kind: 'note', path: entry.path, text: 'Nothing to show here', level: level + 1, parentIndex: index });
      } else if (children !== undefined) this.#append(lines, children, level + 1, index);
    }
  }
}

function isPrefix(start: readonly string[], whole: readonly string[]): boolean {
  return start.length <= whole.length && start.every((name, depth) => name === whole[depth]);
}
