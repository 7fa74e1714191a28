import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseShell, fetchElectron, findElectron, type ShellSurroundings } from '../../../src-main/cli/shell-choice.ts';

function surroundings(changes: Partial<ShellSurroundings>): ShellSurroundings {
  return {
    platform: 'linux',
    env: { DISPLAY: ':0' },
    isRoot: false,
    findElectron: () => '/opt/electron',
    fetchElectron: () => Promise.reject(new Error('nothing should be fetched here')),
    ...changes,
  };
}

describe('chooseShell', () => {
  test.each([
    ['a display and Electron', {}, { kind: 'electron', binary: '/opt/electron' }],
    ['Wayland counts as a display', { env: { WAYLAND_DISPLAY: 'wayland-0' } }, { kind: 'electron', binary: '/opt/electron' }],
    ['Windows always has a display', { platform: 'win32', env: {} } as const, { kind: 'electron', binary: '/opt/electron' }],
    ['no display', { env: {} }, { kind: 'browser', why: 'this machine has no display' }],
    ['an empty DISPLAY', { env: { DISPLAY: '' } }, { kind: 'browser', why: 'this machine has no display' }],
    ['root on Linux', { isRoot: true }, { kind: 'browser', why: 'Electron does not run as root' }],
    [
      'a browser by choice',
      { env: { DISPLAY: ':0', UNDERSTUDY_SHELL: 'browser' } },
      { kind: 'browser', why: 'UNDERSTUDY_SHELL=browser asks for it' },
    ],
  ])('%s', async (_name, changes, choice) => {
    expect(await chooseShell(surroundings(changes))).toEqual(choice);
  });

  test('Electron that had to be fetched is used', async () => {
    let binary: string | null = null;
    const choice = await chooseShell(
      surroundings({
        findElectron: () => binary,
        fetchElectron: () => {
          binary = '/opt/new';
          return Promise.resolve(null);
        },
      }),
    );
    expect(choice).toEqual({ kind: 'electron', binary: '/opt/new' });
  });

  test('a failed download leads to a browser and names the failure', async () => {
    const choice = await chooseShell(
      surroundings({ findElectron: () => null, fetchElectron: () => Promise.resolve('its download failed (no route)') }),
    );
    expect(choice).toEqual({ kind: 'browser', why: 'Electron is not installed and its download failed (no route)' });
  });
});

describe('the installed Electron', () => {
  let root: string;
  const electron = (): string => join(root, 'node_modules/electron');

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'understudy-electron-'));
    mkdirSync(join(electron(), 'dist'), { recursive: true });
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  test('is found only when its program is really there', () => {
    expect(findElectron(root, {})).toBeNull();
    writeFileSync(join(electron(), 'path.txt'), 'electron');
    expect(findElectron(root, {})).toBeNull();
    writeFileSync(join(electron(), 'dist/electron'), '');
    expect(findElectron(root, {})).toBe(join(electron(), 'dist/electron'));
  });

  test('a download that never ends is killed at its limit', async () => {
    writeFileSync(join(electron(), 'install.js'), 'setInterval(() => {}, 1000);');
    expect(await fetchElectron(root, 600)).toBe('its download did not finish within 1 s');
  });

  test('a download that fails gives the first line that says why', async () => {
    writeFileSync(
      join(electron(), 'install.js'),
      `console.error('  at x\\nRequestError: getaddrinfo ENOTFOUND example.test\\n  at y'); process.exit(1);`,
    );
    expect(await fetchElectron(root, 10_000)).toBe('its download failed (getaddrinfo ENOTFOUND example.test)');
  });

  test('a download that works gives no reason', async () => {
    writeFileSync(join(electron(), 'install.js'), '');
    expect(await fetchElectron(root, 10_000)).toBeNull();
  });
});
