import { z } from 'zod';
import type { CallError, Push, Request, Response, Update } from '../api/index.ts';

/** The path of the WebSocket, so that a browser or a scanner that asks for `/` learns nothing. */
export const CONTROL_PATH = '/control';
/** Largest message that a service accepts: a set of 10,000 rules fits, a flood does not. */
export const MOST_REQUEST_BYTES = 8 * 1024 * 1024;
/** Largest message that a client accepts: lists of a large folder are the largest there are. */
export const MOST_RESPONSE_BYTES = 128 * 1024 * 1024;
export const HELLO_TIMEOUT_MS = 10_000;
/** Both sides send a ping this often; three of them without any answer end the line. */
export const HEARTBEAT_MS = 10_000;

/** First message in each direction. The server's comes in answer to the client's, also when the versions do not fit, so that both can say why. */
export interface ClientHello {
  readonly hello: { readonly version: number; readonly client: string };
}
export interface ServerHello {
  readonly hello: { readonly version: number; readonly name: string; readonly program: string };
}
export type ServerMessage = Response | Push<Update>;

// Hellos are read loosely: a newer peer may say more, and must still be told that its version does not fit.
export const clientHello = z.looseObject({ hello: z.looseObject({ version: z.int(), client: z.string().max(200) }) });
export const serverHello = z.looseObject({
  hello: z.looseObject({ version: z.int(), name: z.string().max(200), program: z.string().max(200) }),
});

export const request: z.ZodType<Request> = z.strictObject({ id: z.int().min(0), call: z.string().max(100), input: z.unknown() });

const callError: z.ZodType<CallError> = z.object({
  code: z.string(),
  text: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/** Results are trusted in shape: they come from the pinned server. Only the envelope is checked. */
export const serverMessage = z.union([
  z.object({ id: z.int(), ok: z.literal(true), result: z.unknown() }),
  z.object({ id: z.int(), ok: z.literal(false), error: callError }),
  z.object({ update: z.looseObject({ name: z.string() }) }),
]);

/** The JSON value of a text message; undefined when it is not JSON or not text. */
export function parseMessage(data: unknown, isBinary: boolean): unknown {
  if (isBinary || !Buffer.isBuffer(data)) return undefined;
  try {
    return JSON.parse(data.toString('utf8')) as unknown;
  } catch {
    return undefined; // the caller answers with `protocol-error`
  }
}
