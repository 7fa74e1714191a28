import { parentPath, placeKey, type AbsolutePath, type Notice, type Place } from '../model/index.ts';
import type { Selection } from './selection.ts';

/**
 * Collects the notices of one read. Repeated touches of a place become one, `content` if any of them was, as long as nothing in
 * between moved, came or went: across that, the same path may be another file.
 */
export class NoticeBatch {
  #notices: Notice[] = [];
  readonly #touchedAt = new Map<string, number>();
  readonly #disturbed = new Set<string>();

  touched(place: Place, content: boolean): void {
    const key = placeKey(place);
    const at = this.#touchedAt.get(key);
    if (at === undefined) {
      this.#touchedAt.set(key, this.#notices.length);
      this.#notices.push({ kind: 'touched', place, content });
    } else if (content) {
      this.#notices[at] = { kind: 'touched', place, content };
    }
  }

  /** The selection leaves out an entry that came or went. Its folder is told of once, in no order with the rest, if it is selected. */
  leftOut(selection: Selection, { root, path }: Place, absolute: AbsolutePath): void {
    const folder = { root, path: parentPath(path) };
    const key = placeKey(folder);
    if (this.#disturbed.has(key) || !selection.selects(absolute.slice(0, Math.max(1, absolute.lastIndexOf('/'))), true)) return;
    this.#disturbed.add(key);
    this.#notices.push({ kind: 'disturbed', place: folder });
  }

  /** Any other notice. */
  add(notice: Exclude<Notice, { kind: 'touched' | 'disturbed' }>): void {
    this.#touchedAt.clear();
    this.#notices.push(notice);
  }

  /** Gives up what was collected. */
  take(): Notice[] {
    const notices = this.#notices;
    this.#notices = [];
    this.#touchedAt.clear();
    this.#disturbed.clear();
    return notices;
  }
}
