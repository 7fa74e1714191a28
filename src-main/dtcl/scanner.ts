import type { Position } from './tree.ts';

/**
 * What a piece of text means depends on where it stands: `c:\a-b` and `5+3` are one word each as arguments of a command, while an
 * expression takes `5+3` apart. So the parser names the mode for each token, and the scanner decides nothing beyond one token.
 */
export type Mode = 'argument' | 'expression';

export type Token = { readonly at: Position; readonly end: number; readonly startsLine: boolean } & (
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string; readonly warning: string | null }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'operator'; readonly text: string }
  | { readonly kind: 'comma' }
  | { readonly kind: 'terminator' }
  | { readonly kind: 'end' }
  | { readonly kind: 'bad'; readonly problem: string }
);
type TokenBody = Token extends infer T ? (T extends Token ? Omit<T, 'at' | 'end' | 'startsLine'> : never) : never;

const curlyQuotes = '“”„‟″';
const anyQuote = /["“”„‟″]/u;
const blanks = /[^\S\r\n]+/uy;
const allBlanks = /\s+/uy;
const comment = /#[^\r\n]*/uy;
const restOfLine = /[^\r\n]*/uy;
const lineEnd = /\r\n|\n|\r/y;
const variable = /\$([\p{L}_][\p{L}\p{N}_]*)/uy;
const argumentWord = /[^\s,;]+/uy;
const expressionWord = /[^\s,;()=<>!+$]+/uy;
const isoDate = /\d{4}-\d{2}-\d{2}(?![\p{L}\p{N}_.:\\/#-])/uy;
const integer = /\d+(?![\p{L}\p{N}_.:\\/#])/uy;
const operator = /==|<>|!=|<=|>=|[=<>+\-()]/y;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\x00-\x08\x0e-\x1f\x7f]/;

/** Cuts a script into tokens, one at a time. Never throws: what is no token comes out as `bad` with the words for a person. */
export class Scanner {
  readonly #text: string;
  /** Interactive input: the end of a line ends a statement as `;` does. */
  readonly #lineEndsTerminate: boolean;
  readonly #lineStarts: number[] = [0];
  #offset = 0;
  #peeked: { readonly mode: Mode; readonly token: Token } | null = null;

  constructor(text: string, lineEndsTerminate = false) {
    this.#text = text;
    this.#lineEndsTerminate = lineEndsTerminate;
    for (const match of text.matchAll(/\r\n|\n|\r/g)) this.#lineStarts.push(match.index + match[0].length);
  }

  peek(mode: Mode): Token {
    if (this.#peeked?.mode !== mode) this.#peeked = { mode, token: this.#scan(mode) };
    return this.#peeked.token;
  }

  next(mode: Mode): Token {
    const token = this.peek(mode);
    this.#offset = token.end;
    this.#peeked = null;
    return token;
  }

  /** A place to come back to, for the few decisions that need to look further ahead. */
  mark(): number {
    return this.#offset;
  }

  goTo(mark: number): void {
    this.#offset = mark;
    this.#peeked = null;
  }

  #scan(mode: Mode): Token {
    const start = this.#skipBlanks(this.#offset);
    const at = this.#position(start);
    const startsLine = this.#isFirstOnLine(start);
    const { body, end } = this.#read(start, mode);
    return { ...body, at, end, startsLine };
  }

  #read(start: number, mode: Mode): { body: TokenBody; end: number } {
    const first = this.#text[start];
    if (first === undefined) return { body: { kind: 'end' }, end: start };
    if (first === ';') return { body: { kind: 'terminator' }, end: start + 1 };
    if (first === ',') return { body: { kind: 'comma' }, end: start + 1 };
    const newLine = this.#match(lineEnd, start);
    if (newLine !== null) return { body: { kind: 'terminator' }, end: start + newLine[0].length };
    if (first === '"' || curlyQuotes.includes(first)) return this.#readText(start, mode);
    if ("'‘’".includes(first)) {
      return this.#bad(start, 'single quotes mean nothing in DTCL; put text in double quotes, as in "c:\\my data"');
    }
    if (first === '$') return this.#readVariable(start, mode);
    return mode === 'argument' ? this.#readWord(argumentWord, start) : this.#readExpressionToken(start);
  }

  #readExpressionToken(start: number): { body: TokenBody; end: number } {
    const date = this.#match(isoDate, start);
    if (date !== null) return { body: { kind: 'word', text: date[0] }, end: start + date[0].length };
    const digits = this.#match(integer, start);
    if (digits !== null) {
      const value = Number(digits[0]);
      if (!Number.isSafeInteger(value)) return this.#bad(start, `${digits[0]} is too large a number`);
      return { body: { kind: 'integer', value }, end: start + digits[0].length };
    }
    const sign = this.#match(operator, start);
    if (sign !== null) return { body: { kind: 'operator', text: sign[0] }, end: start + sign[0].length };
    const word = this.#readWord(expressionWord, start);
    // Taking `c:\a+b` apart at the plus would make another path of it without a word.
    if (word.body.kind === 'word' && /[\\/]/.test(word.body.text) && '()=<>!+$'.includes(this.#text[word.end] ?? ' ')) {
      return this.#bad(start, 'a path with such characters needs quotes here');
    }
    return word;
  }

  #readWord(pattern: RegExp, start: number): { body: TokenBody; end: number } {
    const text = this.#match(pattern, start)?.[0];
    if (text === undefined) return this.#bad(start, `"${this.#text[start] ?? ''}" is out of place here`);
    if (controls.test(text)) return this.#bad(start, 'a control character stands here: is this file a script?');
    if (anyQuote.test(text)) {
      return this.#bad(start, `a quote stands inside the word ${text}; quote the whole argument instead`);
    }
    return { body: { kind: 'word', text }, end: start + text.length };
  }

  #readVariable(start: number, mode: Mode): { body: TokenBody; end: number } {
    const match = this.#match(variable, start);
    if (match === null) return this.#bad(start, 'a $ must be followed by the name of a variable');
    const end = start + match[0].length;
    if (!this.#isBoundary(end, mode)) {
      return this.#bad(start, `a variable stands for a whole argument; join texts first, as in $path = ${match[0]} + "more";`);
    }
    return { body: { kind: 'variable', name: match[1] ?? '' }, end };
  }

  /** No escapes but `""`, so that `"c:\new"` keeps its backslash. A string ends on its own line: a forgotten quote is found there. */
  #readText(start: number, mode: Mode): { body: TokenBody; end: number } {
    const opensCurly = this.#text[start] !== '"';
    let closed = this.#closeText(start + 1, opensCurly ? `"${curlyQuotes}` : '"');
    let isCurly = opensCurly;
    if (closed === null && !opensCurly) {
      closed = this.#closeText(start + 1, curlyQuotes);
      isCurly = true;
    }
    if (closed === null) return this.#bad(start, 'the quote that opens here is not closed on this line', this.#endOfLine(start));
    if (!this.#isBoundary(closed.end, mode)) {
      return this.#bad(start, 'a blank, a comma or ";" must follow the closing quote; a quote inside text is written twice');
    }
    const warning = isCurly ? 'typographic quotes are taken as plain ones' : null;
    return { body: { kind: 'text', text: closed.text, warning }, end: closed.end };
  }

  #closeText(from: number, closers: string): { text: string; end: number } | null {
    let text = '';
    for (let i = from; i < this.#text.length; i++) {
      const c = this.#text[i] ?? '';
      if (c === '\n' || c === '\r') return null;
      if (closers.includes(c)) {
        if (c !== '"' || this.#text[i + 1] !== '"') return { text, end: i + 1 };
        i++;
      }
      text += c;
    }
    return null;
  }

  #isBoundary(offset: number, mode: Mode): boolean {
    const c = this.#text[offset];
    return c === undefined || /[\s,;]/u.test(c) || (mode === 'expression' && '=<>!+-()'.includes(c));
  }

  /** A bad piece reaches to the next blank, comma or `;` unless told otherwise, so that scanning goes on after it. */
  #bad(start: number, problem: string, end?: number): { body: TokenBody; end: number } {
    const length = this.#match(argumentWord, start)?.[0].length ?? 1;
    return { body: { kind: 'bad', problem }, end: end ?? start + length };
  }

  #skipBlanks(from: number): number {
    let offset = from;
    for (;;) {
      const skipped = this.#match(this.#lineEndsTerminate ? blanks : allBlanks, offset) ?? this.#match(comment, offset);
      if (skipped === null) return offset;
      offset += skipped[0].length;
    }
  }

  #endOfLine(from: number): number {
    return from + (this.#match(restOfLine, from)?.[0].length ?? 0);
  }

  #isFirstOnLine(start: number): boolean {
    for (let i = start - 1; i >= 0; i--) {
      const c = this.#text[i] ?? '';
      if (c === '\n' || c === '\r') return true;
      if (!/\s/u.test(c)) return false;
    }
    return true;
  }

  #match(pattern: RegExp, offset: number): RegExpExecArray | null {
    pattern.lastIndex = offset;
    return pattern.exec(this.#text);
  }

  #position(offset: number): Position {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }
}
