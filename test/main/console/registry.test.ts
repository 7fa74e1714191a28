import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { consoleHome, fileSecretBox, openRegistry, type Registry } from '../../../src-main/console/index.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');
const coded = (code: string) => expect.objectContaining({ code }) as Error;

function open(home = join(tempFolder(), 'home')): Registry & { home: string } {
  const registry = openRegistry(home, { box: fileSecretBox(home) });
  onTestFinished(() => registry.close());
  return { ...registry, home };
}

describe('the registry', () => {
  test('finds a server by name in any case, and by its address when that is not ambiguous', () => {
    const registry = open();
    const alpha = registry.add({
      name: 'Alpha',
      address: 'alpha.lan',
      fingerprint: fingerprint.toLowerCase().replaceAll(':', ' '),
    });
    const beta = registry.add({ name: 'beta', address: '[fe80::1]:7000', fingerprint });
    expect(alpha).toMatchObject({ name: 'Alpha', host: 'alpha.lan', port: 6320, fingerprint });
    expect(registry.list()).toEqual([alpha, beta]);
    for (const name of ['ALPHA', 'alpha.lan', 'Alpha.lan:6320']) expect(registry.find(name)).toEqual(alpha);
    expect(registry.find('[fe80::1]:7000')).toEqual(beta);
    for (const name of ['gamma', 'alpha.lan:1', '', 'not an address'])
      expect(() => registry.find(name)).toThrow(coded('unknown-server'));
    registry.add({ name: 'gamma', address: 'alpha.lan', fingerprint });
    expect(() => registry.find('alpha.lan')).toThrow(coded('unknown-server'));
  });

  test('refuses a name in use and a fingerprint that cannot be one', () => {
    const registry = open();
    registry.add({ name: 'alpha', address: 'a', fingerprint });
    expect(() => registry.add({ name: 'ALPHA', address: 'b', fingerprint })).toThrow(coded('server-exists'));
    expect(() => registry.add({ name: 'b', address: 'b', fingerprint: 'AB:CD' })).toThrow(coded('bad-input'));
    expect(() => registry.add({ name: ' ', address: 'b', fingerprint })).toThrow(coded('bad-input'));
    expect(() => registry.add({ name: 'b', address: 'b:x', fingerprint })).toThrow(coded('bad-input'));
    expect(registry.list()).toHaveLength(1);
  });

  test('keeps logins sealed, shares them with other programs of the user, and drops them with their server', () => {
    const registry = open();
    registry.add({ name: 'alpha', address: 'a', fingerprint });
    expect(registry.storedLogin('alpha')).toBeNull();
    registry.storeLogin('alpha', { user: 'eva', password: 'very secret' });
    const other = open(registry.home);
    expect(other.storedLogin('ALPHA')).toEqual({ user: 'eva', password: 'very secret' });
    for (const file of ['console.db', 'console.db-wal']) {
      expect(readFileSync(join(registry.home, file), 'latin1')).not.toContain('very secret');
      expect(statSync(join(registry.home, file)).mode & 0o077).toBe(0);
    }
    expect(statSync(join(registry.home, 'secret.key')).mode & 0o077).toBe(0);
    other.forgetLogin('alpha');
    expect(registry.storedLogin('alpha')).toBeNull();
    registry.storeLogin('alpha', { user: 'eva', password: 'x' });
    registry.remove('alpha');
    registry.add({ name: 'alpha', address: 'a', fingerprint });
    expect(registry.storedLogin('alpha')).toBeNull();
  });

  test('a login sealed by another secret store counts as none', () => {
    const registry = open();
    registry.add({ name: 'alpha', address: 'a', fingerprint });
    registry.storeLogin('alpha', { user: 'eva', password: 'x' });
    const stranger = openRegistry(registry.home, { box: fileSecretBox(tempFolder()) });
    onTestFinished(() => stranger.close());
    expect(stranger.storedLogin('alpha')).toBeNull();
  });

  test('lies where the system keeps settings, unless told otherwise', () => {
    expect(consoleHome({ UNDERSTUDY_HOME: '/x' }, 'linux')).toBe('/x');
    expect(consoleHome({ XDG_CONFIG_HOME: '/cfg' }, 'linux')).toBe('/cfg/understudy');
    expect(consoleHome({}, 'linux')).toMatch(/\/\.config\/understudy$/);
    expect(consoleHome({ APPDATA: '/roaming' }, 'win32')).toBe('/roaming/Understudy');
  });
});
