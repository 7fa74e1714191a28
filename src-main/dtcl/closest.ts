/** The one of `words` that `word` is probably a slip of, or null. */
export function closest(word: string, words: readonly string[]): string | null {
  const typed = word.toLowerCase().slice(0, 40);
  let best: string | null = null;
  let bestDistance = Math.min(3, Math.ceil(typed.length / 3) + 1);
  for (const candidate of words) {
    const distance = editDistance(typed, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
