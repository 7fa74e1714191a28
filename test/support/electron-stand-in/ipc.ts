type Handler = (event: { senderFrame: { url: string; parent: unknown } }, ...values: unknown[]) => unknown;

const handlers = new Map<string, Handler>();

/** Calls from a page to the main side; values are cloned on both ways, as between processes. */
export const ipc = {
  handle(channel: string, handler: Handler): void {
    if (handlers.has(channel)) throw new Error(`a second handler for ${channel}`);
    handlers.set(channel, handler);
  },
  removeHandler(channel: string): void {
    handlers.delete(channel);
  },
  async deliver(channel: string, senderFrame: { url: string; parent: unknown }, values: readonly unknown[]): Promise<unknown> {
    const handler = handlers.get(channel);
    if (handler === undefined) throw new Error(`no handler for ${channel}`);
    return structuredClone(await handler({ senderFrame }, ...values.map((value) => structuredClone(value))));
  },
};
