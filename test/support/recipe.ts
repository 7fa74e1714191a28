import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A recipe of `resources/hooks` with settings of its own, in a folder that it makes: the path of the program. */
export function recipe(name: 'postgresql' | 'mariadb' | 'sqlite', folder: string, settings: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const program = `${folder}/${name}`;
  symlinkSync(resolve(import.meta.dirname, `../../resources/hooks/${name}`), program);
  writeFileSync(`${program}.conf`, [...settings, `STATE_FOLDER=${folder}/state`, ''].join('\n'), { mode: 0o600 });
  return program;
}
