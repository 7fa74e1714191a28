import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isConsolePage, PAGE_URL, servePage } from '../../../src-main/app/page.ts';

let folder: string;
let get: (url: string) => Promise<Response>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-page-'));
  mkdirSync(join(folder, 'renderer/assets'), { recursive: true });
  writeFileSync(join(folder, 'renderer/index.html'), '<title>Understudy</title>');
  writeFileSync(join(folder, 'renderer/assets/a.js'), 'export {};');
  writeFileSync(join(folder, 'secret.json'), '{}');
  servePage(
    {
      handle: (_scheme, handler) => {
        get = (url) => Promise.resolve(handler(new Request(url)));
      },
    },
    join(folder, 'renderer'),
  );
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the page and its parts are served with their types and a strict policy', async () => {
  const page = await get(PAGE_URL);
  expect(await page.text()).toContain('Understudy');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
  expect((await get('understudy://console/assets/a.js')).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
});

test.each([
  'understudy://console/missing.js',
  'understudy://console/../secret.json',
  'understudy://console/%2e%2e/secret.json',
  'understudy://console/..%2fsecret.json',
  'understudy://elsewhere/index.html',
])('%s is not found', async (url) => {
  expect((await get(url)).status).toBe(404);
});

test.each([
  [PAGE_URL, true],
  ['understudy://console', true],
  ['understudy://console.example/index.html', false],
  ['https://example.test/understudy://console/', false],
  ['file:///etc/passwd', false],
])('%s is our page: %s', (url, isOurs) => {
  expect(isConsolePage(url)).toBe(isOurs);
});
