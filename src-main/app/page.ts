import type { Protocol, Session } from 'electron';
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const SCHEME = 'understudy';
const ORIGIN = `${SCHEME}://console`;

/** The address of the console's page. A scheme of our own instead of `file:` gives it an origin, and our headers, and no other file. */
export const PAGE_URL = `${ORIGIN}/index.html`;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Carbon sets a few inline styles, and its icons in style sheets are data: images.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** Whether an address belongs to the console's own page; anything else gets no answer from us. */
export function isConsolePage(url: string): boolean {
  return url === ORIGIN || url.startsWith(`${ORIGIN}/`);
}

/** Must run before Electron is ready: afterwards the scheme would be an opaque origin without storage. */
export function registerPageScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

/** Serves the built renderer in `folder` under our scheme, and nothing outside it. */
export function servePage(protocol: Pick<Protocol, 'handle'>, folder: string): void {
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url);
    const path = join(folder, decodeURIComponent(url.pathname));
    const type = CONTENT_TYPES[extname(path)];
    if (!isConsolePage(request.url) || !path.startsWith(folder + sep) || type === undefined) return notFound();
    let body: Buffer<ArrayBuffer>;
    try {
      body = await readFile(path);
    } catch {
      // A page that asks for a file that was not built: the answer says it, and the window's own console shows the address.
      return notFound();
    }
    return new Response(body, {
      headers: {
        'content-type': type,
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-cache',
      },
    });
  });
}

/** The page puts scripts on the clipboard. It needs no camera, no place, no notification: everything else is refused. */
export function refusePermissions(session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'>): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    answer(permission === CLIPBOARD_WRITE);
  });
  session.setPermissionCheckHandler((_contents, permission) => permission === CLIPBOARD_WRITE);
}

/** Writing text; reading what others put there stays refused. */
const CLIPBOARD_WRITE = 'clipboard-sanitized-write';

function notFound(): Response {
  return new Response('Not found', { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
