/**
 * The administrator's side: which servers this user knows, the lines to them, their logins and statistics history. Implements the calls of
 * `api/console-calls.ts` for any shell (Electron, browser); the registry alone serves the text client. See README.md.
 */
export { consoleHome } from './home.ts';
export { openRegistry, type Registry, type RegisteredServer, type StoredLogin } from './registry.ts';
export { fileSecretBox, keySecretBox, type SecretBox } from './secret-box.ts';
export { systemClock, type ScriptServer, type ScriptServers } from './script-host.ts';
export { ScriptSittings } from './script-sittings.ts';
export { openConsole, type Console, type ConsoleOptions } from './open-console.ts';
