import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemSecretBox, type SystemStore } from '../../../src-main/app/system-secret-box.ts';
import { silentLog } from '../../../src-main/base/index.ts';

type Backend = ReturnType<SystemStore['getSelectedStorageBackend']>;
interface StoreState {
  readonly isAvailable?: boolean;
  readonly backend?: Backend;
  readonly mask?: number;
}

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-secret-'));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

function options(platform: NodeJS.Platform = 'linux'): Parameters<typeof systemSecretBox>[1] {
  return { platform, keyFile: join(home, 'system.key'), log: silentLog };
}

function store({ isAvailable = true, backend = 'gnome_libsecret', mask = 1 }: StoreState = {}): SystemStore {
  const flip = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ mask));
  return {
    isAsyncEncryptionAvailable: () => Promise.resolve(isAvailable),
    getSelectedStorageBackend: () => backend,
    encryptStringAsync: (text) => Promise.resolve(flip(Buffer.from(text, 'utf8'))),
    decryptStringAsync: (bytes) => Promise.resolve({ shouldReEncrypt: false, result: flip(bytes).toString('utf8') }),
  };
}

test('a password sealed in one run is opened in the next, and neither it nor the key lies on the disk', async () => {
  const sealed = (await systemSecretBox(store(), options()))?.seal('pässword') ?? new Uint8Array();
  expect(Buffer.from(sealed).toString('utf8')).not.toContain('pässword');
  expect((await systemSecretBox(store(), options()))?.open(sealed)).toBe('pässword');
  const onDisk = Buffer.from(readFileSync(join(home, 'system.key'), 'utf8'), 'base64').toString('utf8');
  expect(Buffer.from(onDisk, 'base64').length).not.toBe(32);
});

test('after the key ring was replaced, old passwords do not open and new ones do', async () => {
  const sealed = (await systemSecretBox(store(), options()))?.seal('old') ?? new Uint8Array();
  const box = await systemSecretBox(store({ mask: 2 }), options());
  expect(() => box?.open(sealed)).toThrow();
  expect(box?.open(box.seal('new'))).toBe('new');
});

test.each([
  [false, 'gnome_libsecret', 'linux', false],
  [true, 'basic_text', 'linux', false],
  [true, 'unknown', 'linux', false],
  [true, 'unknown', 'win32', true],
] as const)('available %s with %s on %s: used %s', async (isAvailable, backend, platform, isUsed) => {
  expect((await systemSecretBox(store({ isAvailable, backend }), options(platform))) !== null).toBe(isUsed);
});
