import { createXXHash128 } from 'hash-wasm';

/** Hashes one block at a time; made once per thread and used again. */
export interface BlockHasher {
  /** XXH3-128 of `bytes`, 16 bytes, the high half first. Not cryptographic: it finds differences, it proves nothing to an enemy. */
  hash(bytes: Uint8Array): Buffer;
}

/** Prepares the WebAssembly hasher. */
export async function createBlockHasher(): Promise<BlockHasher> {
  const hasher = await createXXHash128();
  return {
    hash(bytes) {
      const digest = hasher.init().update(bytes).digest('binary');
      return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength);
    },
  };
}
