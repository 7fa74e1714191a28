import { isAscii } from '../../base/index.ts';

/** A byte that is not UTF-8 stands in text as one of these lone surrogates, as Python's `surrogateescape` has it. */
const ESCAPED_BYTES = 0xdc00;

/**
 * A raw name or path (one character per byte) as text that any reader of JSON can take, without loss: its UTF-8 where it is such, and a lone
 * surrogate U+DC80 to U+DCFF for each byte that is not. JSON writes those as `\udc80`, so the file itself stays UTF-8.
 */
export function pathToText(raw: string): string {
  if (isAscii(raw)) return raw;
  const bytes = Buffer.from(raw, 'latin1');
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  let escaped = '';
  for (let at = 0; at < bytes.length;) {
    const length = lengthAt(bytes, at);
    escaped += length === 0 ? String.fromCharCode(ESCAPED_BYTES + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return escaped;
}

/** The raw form of what `pathToText` gave. */
export function pathFromText(text: string): string {
  if (isAscii(text)) return text;
  let raw = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const isEscaped = code >= ESCAPED_BYTES + 0x80 && code <= ESCAPED_BYTES + 0xff;
    raw += isEscaped ? String.fromCharCode(code - ESCAPED_BYTES) : Buffer.from(character, 'utf8').toString('latin1');
  }
  return raw;
}

/** How many bytes the character at `at` takes; 0 where there is no UTF-8 character. */
function lengthAt(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const part = bytes.subarray(at, at + length);
  // What cannot be decoded becomes U+FFFD, whose bytes are others; overlong forms and surrogates are refused that way too.
  return Buffer.from(part.toString('utf8'), 'utf8').equals(part) ? length : 0;
}
