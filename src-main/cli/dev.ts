import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { createServer } from 'vite';
import electronViteConfig from '../../electron.vite.config.ts';

const CONSOLE_PORT = 6322;
const PAGE_PORT = 5173;
const PAGE_ORIGIN = `http://127.0.0.1:${PAGE_PORT}`;

/**
 * `npm run dev`: the console's server from its sources, and the page from Vite with hot reload. Vite passes `/api` on with the
 * console's cookie, for pages of its own origin only. The window is not part of it: `npm start` shows that.
 */
async function dev(root: string, args: readonly string[]): Promise<void> {
  const console_ = spawn(process.execPath, ['src-main/cli/understudy.ts', 'console', '--port', String(CONSOLE_PORT), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  console_.once('close', (code) => {
    process.exit(code ?? 1);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void console_.kill('SIGTERM'));

  const address = await firstAddress(console_);
  const cookie = await exchangeToken(address);
  const server = await createServer({
    ...electronViteConfig.renderer,
    configFile: false,
    server: {
      host: '127.0.0.1',
      port: PAGE_PORT,
      strictPort: true,
      proxy: {
        '/api': {
          target: address.origin,
          ws: true,
          changeOrigin: true,
          headers: { cookie },
          configure: (proxy) => {
            proxy.on('proxyReqWs', (request, incoming, socket) => {
              // The console's own check of the origin would see ours for every page, so it is made here.
              if (incoming.headers.origin !== PAGE_ORIGIN) socket.destroy();
              else request.setHeader('origin', address.origin);
            });
          },
        },
      },
    },
  });
  await server.listen();
  console.log(`Page with hot reload: ${PAGE_ORIGIN}/ (restart after a change in src-main)`);
}

/** The first address that the console prints; its other lines are shown. */
function firstAddress(child: ChildProcess): Promise<URL> {
  return new Promise((done) => {
    if (child.stdout === null) throw new Error('the console was started without its output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /http:\/\/\S+/.exec(line);
      if (found) done(new URL(found[0]));
      else console.log(line);
    });
  });
}

async function exchangeToken(address: URL): Promise<string> {
  const response = await fetch(address, { redirect: 'manual' });
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
  if (cookie === undefined) throw new Error(`the console did not accept its own address: ${response.status}`);
  return cookie;
}

await dev(resolve(import.meta.dirname, '../..'), process.argv.slice(2));
