import { readFileSync } from 'node:fs';

/** Text of a script file in any encoding that editors leave behind. `isGuessed`: neither marked nor UTF-8, so taken as Windows-1252. */
export function decodeScript(bytes: Uint8Array): { readonly text: string; readonly isGuessed: boolean } {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    // A byte order mark at the start is dropped.
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), isGuessed: false };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), isGuessed: true };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
};

/** Reads a file, or gives the reason why it cannot be read, in words. */
export function readScriptFile(path: string): { readonly bytes: Uint8Array } | { readonly reason: string } {
  try {
    return { bytes: readFileSync(path) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
    return { reason: reasons[code] ?? `the system says ${code}` };
  }
}
