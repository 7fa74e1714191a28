import { mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ConsoleUpdate } from '../../../src-main/api/index.ts';
import { ReplicationError, silentLog } from '../../../src-main/base/index.ts';
import { startWebServer, type WebServer } from '../../../src-main/web/index.ts';
import { tempFolder } from '../../support/temp-folder.ts';

async function start(): Promise<{ web: WebServer; origin: string; push: (update: ConsoleUpdate) => void }> {
  const folder = tempFolder();
  const rendererFolder = join(folder, 'renderer');
  mkdirSync(join(rendererFolder, 'assets'), { recursive: true });
  writeFileSync(join(rendererFolder, 'index.html'), '<title>Understudy</title>');
  writeFileSync(join(rendererFolder, 'assets/index-1.js'), 'go()');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  const listeners = new Set<(update: ConsoleUpdate) => void>();
  const web = await startWebServer({
    port: 0,
    rendererFolder,
    log: silentLog,
    console: {
      invoke: (call, input) =>
        call === 'servers.list'
          ? Promise.resolve([])
          : Promise.reject(new ReplicationError('unknown-server', { server: JSON.stringify(input) })),
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  });
  onTestFinished(() => web.close());
  return { web, origin: `http://127.0.0.1:${web.port}`, push: (update) => listeners.forEach((listener) => listener(update)) };
}

async function enter(web: WebServer): Promise<string> {
  const response = await fetch(web.issueAddress(), { redirect: 'manual' });
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe('/');
  const [cookie] = response.headers.getSetCookie();
  expect(cookie).toMatch(/^understudy-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  return cookie?.split(';')[0] ?? '';
}

/** `fetch` does not let a caller choose the host header. */
async function get(port: number, path: string, headers: Record<string, string>): Promise<number> {
  const sent = request({ host: '127.0.0.1', port, path, headers }).end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  response.resume();
  return response.statusCode ?? 0;
}

const dial = (port: number, headers: Record<string, string>) => new WebSocket(`ws://127.0.0.1:${port}/api`, { headers });

async function refusal(socket: WebSocket): Promise<number> {
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  socket.terminate();
  return response.statusCode;
}

describe('the web console', () => {
  test('an address works once and leaves no token in the address bar', async () => {
    const { web, origin } = await start();
    const address = web.issueAddress();
    expect((await fetch(address, { redirect: 'manual' })).status).toBe(303);
    expect((await fetch(address, { redirect: 'manual' })).status).toBe(403);
    expect((await fetch(`${origin}/?token=`, { redirect: 'manual' })).status).toBe(403);
    const cookie = await enter(web);
    const page = await fetch(origin, { headers: { cookie } });
    expect(await page.text()).toContain('Understudy');
    // Opened again from the history of the browser that has the cookie.
    expect((await fetch(address, { redirect: 'manual', headers: { cookie } })).status).toBe(303);
  });

  test('nothing is served without the cookie, or under another host name', async () => {
    const { web, origin } = await start();
    for (const path of ['/', '/index.html', '/assets/index-1.js']) expect((await fetch(origin + path)).status).toBe(403);
    const cookie = await enter(web);
    expect(await get(web.port, '/', { cookie, host: `127.0.0.1:${web.port}` })).toBe(200);
    expect(await get(web.port, '/', { cookie, host: `localhost:${web.port}` })).toBe(200);
    expect(await get(web.port, '/', { cookie, host: 'evil.example' })).toBe(421);
    expect(await get(web.port, '/', { cookie, host: '127.0.0.1' })).toBe(421);
    expect((await fetch(origin, { method: 'POST', headers: { cookie } })).status).toBe(405);
  });

  test('every page has the strict policy, and only built files are served', async () => {
    const { web, origin } = await start();
    const cookie = await enter(web);
    const page = await fetch(origin, { headers: { cookie } });
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page.headers.get('content-security-policy')).not.toMatch(/script-src|unsafe-eval/);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    const script = await fetch(`${origin}/assets/index-1.js`, { headers: { cookie } });
    expect(script.headers.get('content-type')).toContain('text/javascript');
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/%00',
      '/%',
      '/none',
    ]) {
      expect([path, await get(web.port, path, { cookie, host: `127.0.0.1:${web.port}` })]).toEqual([path, 404]);
    }
  });

  test('a page of ours calls and gets updates; failures travel as code and sentence', async () => {
    const { web, origin, push } = await start();
    const socket = dial(web.port, { cookie: await enter(web), origin });
    await once(socket, 'open');
    const next = async () => JSON.parse(String(((await once(socket, 'message')) as [Buffer])[0])) as unknown;
    socket.send(JSON.stringify({ id: 1, call: 'servers.list', input: null }));
    expect(await next()).toEqual({ id: 1, ok: true, result: [] });
    socket.send(JSON.stringify({ id: 2, call: 'servers.remove', input: { serverId: 'x' } }));
    expect(await next()).toMatchObject({
      id: 2,
      ok: false,
      error: { code: 'unknown-server', text: expect.stringContaining('There is no server') as string },
    });
    socket.send(JSON.stringify({ id: 3, call: 'toString', input: null }));
    expect(await next()).toMatchObject({ id: 3, ok: false, error: { code: 'unknown-call' } });
    push({ name: 'servers', value: [] });
    expect(await next()).toEqual({ update: { name: 'servers', value: [] } });
    socket.send('nonsense');
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1008);
  });

  test('a page of another site, another host, or without the cookie opens no line', async () => {
    const { web, origin } = await start();
    const cookie = await enter(web);
    const host = `127.0.0.1:${web.port}`;
    expect(await refusal(dial(web.port, { origin }))).toBe(403);
    expect(await refusal(dial(web.port, { cookie }))).toBe(403);
    expect(await refusal(dial(web.port, { cookie, origin: 'https://evil.example' }))).toBe(403);
    expect(await refusal(dial(web.port, { cookie, origin: 'http://127.0.0.1:1' }))).toBe(403);
    expect(await refusal(dial(web.port, { cookie, origin, host: 'evil.example' }))).toBe(403);
    expect(await refusal(dial(web.port, { cookie: `${cookie}x`, origin, host }))).toBe(403);
  });

  test('the server listens on loopback only, and a port in use is named', async () => {
    const { web } = await start();
    const again = startWebServer({
      port: web.port,
      rendererFolder: '/',
      log: silentLog,
      console: { invoke: () => Promise.resolve(null), subscribe: () => () => undefined },
    });
    await expect(again).rejects.toMatchObject({ code: 'port-in-use', details: { host: '127.0.0.1', port: web.port } });
  });
});
