import { resolve } from 'node:path';

/** The file that a person means. npm runs its scripts in the package's folder; a relative path is meant from where the person is. */
export function typedPath(path: string): string {
  const isScript = process.env.npm_lifecycle_event === 'dtcl' || process.env.npm_lifecycle_event === 'understudy';
  return resolve(isScript ? (process.env.INIT_CWD ?? '.') : '.', path);
}
