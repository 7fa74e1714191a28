import { readdirSync } from 'node:fs';

/** Names of the files that wait in a stage folder, in whichever of its own. */
export function stagedFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name])).sort();
}
