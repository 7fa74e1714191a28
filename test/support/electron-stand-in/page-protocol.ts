type Handler = (request: Request) => Response | Promise<Response>;

const schemes = new Set<string>();
const handlers = new Map<string, Handler>();
let isReady = false;

/** Custom schemes; registering one after the program is ready is refused, as Electron does. */
export const protocol = {
  registerSchemesAsPrivileged(list: readonly { scheme: string }[]): void {
    if (isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const { scheme } of list) schemes.add(scheme);
  },
  handle(scheme: string, handler: Handler): void {
    if (!isReady) throw new Error('protocol.handle is not usable before app is ready');
    handlers.set(scheme, handler);
  },
  setReady(): void {
    isReady = true;
  },
  async fetch(url: string): Promise<Response> {
    const scheme = new URL(url).protocol.slice(0, -1);
    const handler = handlers.get(scheme);
    if (handler === undefined || !schemes.has(scheme)) throw new Error(`no handler for ${url}`);
    return handler(new Request(url));
  },
};
