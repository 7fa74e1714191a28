import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Who may use the console: whoever brings a token that this process printed, once, and afterwards the cookie that was given for it. Both live in
 * memory only. Every request must name this server as its host, so that a page of another site cannot reach it through its own name.
 */
export class Access {
  readonly #tokens = new Set<string>();
  readonly #sessions = new Set<string>();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** A token for one visit. */
  issueToken(): string {
    const token = randomBytes(32).toString('base64url');
    this.#tokens.add(digest(token));
    return token;
  }

  /** The cookie for a token that was not used yet; null for any other. */
  redeem(token: string): string | null {
    if (!this.#tokens.delete(digest(token))) return null;
    const session = randomBytes(32).toString('base64url');
    this.#sessions.add(session);
    return `${this.#cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  hasSession(request: IncomingMessage): boolean {
    const given = cookiesOf(request).get(this.#cookieName);
    return given !== undefined && [...this.#sessions].some((session) => equal(session, given));
  }

  /** Whether the request was addressed to this server by a name that can only mean this machine. */
  isOurHost(request: IncomingMessage): boolean {
    return this.#hosts.includes(request.headers.host ?? '');
  }

  /** Whether the request comes from one of our own pages. A WebSocket is opened for any page by a browser; only this tells. */
  isOurOrigin(request: IncomingMessage): boolean {
    return this.#hosts.some((host) => request.headers.origin === `http://${host}`);
  }

  get #hosts(): readonly string[] {
    return [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`];
  }

  /** Cookies are shared by all ports of a host, so the port is part of the name. */
  get #cookieName(): string {
    return `understudy-${this.#port}`;
  }
}

/** Tokens are looked up by digest: how long the lookup takes tells nothing of the token. */
function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function cookiesOf(request: IncomingMessage): ReadonlyMap<string, string> {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair): [string, string] => {
    const cut = pair.indexOf('=');
    return [pair.slice(0, cut).trim(), pair.slice(cut + 1).trim()];
  });
  return new Map(pairs);
}
