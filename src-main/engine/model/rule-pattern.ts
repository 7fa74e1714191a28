/** Whether one name of a rule holds a wildcard. */
export function hasWildcard(name: string): boolean {
  return name.includes('*') || name.includes('?');
}

/**
 * Matches one whole name against `*` (any characters) and `?` (one character). Names are raw, so `?` takes a whole UTF-8 character
 * where the bytes form one. Linear in name and pattern for a single `*`, never exponential.
 */
export function matchName(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let starAt = -1;
  let retryAt = 0;
  while (n < name.length) {
    const c = pattern[p];
    if (c === '*') {
      starAt = p++;
      retryAt = n;
    } else if (c === '?') {
      p++;
      n = afterCharacter(name, n);
    } else if (c !== undefined && c === name[n]) {
      p++;
      n++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      n = ++retryAt;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

function afterCharacter(name: string, at: number): number {
  let next = at + 1;
  if (name.charCodeAt(at) < 0xc0) return next;
  while (next < name.length && (name.charCodeAt(next) & 0xc0) === 0x80) next++;
  return next;
}
