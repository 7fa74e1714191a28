import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { protocolError } from './byte-reader.ts';
import { MAX_PAYLOAD_BYTES } from './messages.ts';

/** In a frame's payload length: the payload is a `u32` with its plain length, then one zstd frame. */
export const COMPRESSED = 0x8000_0000;
const PLAIN_BYTES = 4;
/** What a receiver spends on a window: as much as a whole payload. A larger one is refused unread. */
const WINDOW_LOG = 22;

/** The same frame with its payload compressed; null when it has none, or when that saves less than a tenth. `level` is zstd's. */
export function compressFrame(frame: readonly Buffer[], level: number): Buffer[] | null {
  const [header, payload] = frame;
  if (header === undefined || payload === undefined) return null;
  const packed = zstdCompressSync(payload, { params: { [constants.ZSTD_c_compressionLevel]: level } });
  if (packed.length + PLAIN_BYTES > payload.length * 0.9) return null;
  const prefix = Buffer.from(header);
  prefix.writeUInt32LE((COMPRESSED | (packed.length + PLAIN_BYTES)) >>> 0, 4);
  const plain = Buffer.allocUnsafe(PLAIN_BYTES);
  plain.writeUInt32LE(payload.length);
  return [prefix, plain, packed];
}

/** The plain payload. Never makes more of it than a payload may have, whatever was sent; `protocol-error` for what is no such payload. */
export function expandPayload(payload: Buffer): Buffer {
  if (payload.length < PLAIN_BYTES) throw protocolError('a compressed payload is too short');
  const plainBytes = payload.readUInt32LE(0);
  if (plainBytes === 0 || plainBytes > MAX_PAYLOAD_BYTES) throw protocolError('a compressed payload is larger than allowed');
  let plain: Buffer;
  try {
    plain = zstdDecompressSync(payload.subarray(PLAIN_BYTES), {
      maxOutputLength: plainBytes,
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG },
    });
  } catch {
    throw protocolError('a compressed payload cannot be read');
  }
  if (plain.length !== plainBytes) throw protocolError('a compressed payload has another length than it says');
  return plain;
}
