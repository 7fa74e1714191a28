import type { MirrorOptions } from '../api/index.ts';
import type { ArgumentReader } from './arguments.ts';
import type { Argument } from './tree.ts';

/** The words of a mirror's kind, in any order. */
export const mirrorWords = ['all', 'different', 'newer', 'checksum', 'flagged', 'orphans'] as const;
export const mirrorSyntax = '[all|different] [newer] [checksum] [flagged] [orphans]';

/** What was said of a mirror's kind. Gathers word by word, so that other options may stand between them. */
export class MirrorWords {
  readonly #said = new Set<(typeof mirrorWords)[number]>();

  /** Whether anything was said at all. */
  get isSaid(): boolean {
    return this.#said.size > 0;
  }

  /** Takes one word if the next is of a mirror's kind. Throws for one that contradicts those before. */
  take(reader: ArgumentReader): boolean {
    const { at } = reader;
    const word = reader.takeWord(...mirrorWords);
    if (word === null) return false;
    this.#said.add(word);
    const compares = (['different', 'newer', 'checksum', 'flagged'] as const).some((other) => this.#said.has(other));
    if (this.#said.has('all') && compares)
      throw reader.refusal(
        '"all" sends every file whole; it goes with neither "different" nor "newer" nor "checksum" nor "flagged"',
        at,
      );
    return true;
  }

  get options(): MirrorOptions {
    const has = (word: (typeof mirrorWords)[number]) => this.#said.has(word);
    return {
      kind: has('checksum') || has('flagged') ? 'checksum' : has('different') || has('newer') ? 'different' : 'all',
      ...(has('newer') ? { newer: true } : {}),
      ...(has('flagged') ? { flaggedOnly: true } : {}),
      ...(has('orphans') ? { orphans: true } : {}),
    };
  }
}

/** A connection and a mirror's kind, and nothing else. */
export function bindMirror(reader: ArgumentReader): { readonly which: Argument; readonly options: MirrorOptions } {
  const which = reader.operand('the connection');
  const words = new MirrorWords();
  while (words.take(reader));
  reader.end();
  return { which, options: words.options };
}
