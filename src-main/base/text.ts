/** File names are raw bytes. Inside the program a name is a string with one character per byte, so that every name survives a
 *  round trip and sorts by its bytes. These two functions are the only doors between such names and text for people. */

/** Text for people from a raw name; bytes that are not UTF-8 are shown as `\xNN`, control characters as `\n`, `\t` or `\xNN`. */
export function showName(raw: string): string {
  const bytes = Buffer.from(raw, 'latin1');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    text = bytes.toString('latin1').replace(/[\x80-\xff]/g, escapeByte);
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is replaced
  return text.replace(/[\x00-\x1f\x7f]/g, (c) => (c === '\n' ? '\\n' : c === '\t' ? '\\t' : c === '\r' ? '\\r' : escapeByte(c)));
}

/** The raw name for text that a person typed (its UTF-8 bytes, one character each). */
export function rawName(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function escapeByte(c: string): string {
  return `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
