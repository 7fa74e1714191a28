/**
 * Words of the language that this version knows and does not carry out. A script that uses one is refused before anything runs:
 * to skip it quietly would be to do something else than what the script says.
 */
const options = new Set(['replicate', 'noreplicate', 'route', 'overwrite', 'usebackup']);

const commands: readonly string[] = [
  'load',
  'unload',
  'shutdown',
  'environment',
  'repset copy',
  'repset rename',
  'repset export',
  'repset import',
  'replication start',
  'replication stop',
  'targetpath',
  'monitor',
  'status monitor',
  'failover',
  'failback',
  'script',
  'queuetask',
];

export function laterOption(word: string): boolean {
  return options.has(word.toLowerCase());
}

/** The later command that these lower-case words begin with, or null. */
export function laterCommand(words: readonly string[]): string | null {
  return commands.find((command) => command.split(' ').every((word, i) => words[i] === word)) ?? null;
}

export function isLaterFirstWord(word: string): boolean {
  return commands.some((command) => command.split(' ')[0] === word);
}
