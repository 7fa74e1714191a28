import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const systemPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];

/** A Chromium on this machine: `CHROMIUM`, the system's, or one that Playwright fetched earlier; null when there is none. */
export function findBrowser(): string | null {
  const named = process.env.CHROMIUM;
  if (named !== undefined && named !== '') return existsSync(named) ? named : null;
  return [...systemPaths, ...playwrightPaths()].find((path) => existsSync(path)) ?? null;
}

/** Says it so that nobody takes the skipped tests for passed ones. */
export function warnWithoutBrowser(what: string): void {
  const line = '!'.repeat(100);
  console.warn(
    `\n${line}\n!! NO BROWSER FOUND: ${what} was NOT tested.\n!! Install chromium, or name one with the variable CHROMIUM.\n${line}\n`,
  );
}

/** Starts the browser that was found; nothing is fetched. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function playwrightPaths(): string[] {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache', 'ms-playwright');
  if (!existsSync(cache)) return [];
  return readdirSync(cache)
    .filter((name) => name.startsWith('chromium-'))
    .sort()
    .reverse()
    .flatMap((name) => [join(cache, name, 'chrome-linux', 'chrome'), join(cache, name, 'chrome-linux64', 'chrome')]);
}
