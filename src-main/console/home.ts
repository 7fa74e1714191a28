import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder that consoles and scripts of this user share: `UNDERSTUDY_HOME`, or the usual place of the system. */
export function consoleHome(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  if (env.UNDERSTUDY_HOME) return env.UNDERSTUDY_HOME;
  if (platform === 'win32') return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Understudy');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Understudy');
  return join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'understudy');
}
