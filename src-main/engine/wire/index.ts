/**
 * The data protocol between a source and a target: messages, frames and their bytes.
 * Bytes from a peer are checked field by field before anything is believed; whatever does not fit is a `protocol-error`, never a crash.
 */
export { compressFrame } from './compressed-payload.ts';
export { encodeSource, encodeTarget } from './encode.ts';
export { FrameDecoder, sourceDecoder, targetDecoder, Received } from './frames.ts';
export { Liveness, type LivenessOptions } from './liveness.ts';
export {
  BLOCK_BYTES,
  isMark,
  type CutLabel,
  type EntryOp,
  type MarkOp,
  DATA_VERSION,
  MAX_HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  type ExpectedFile,
  type ListedEntry,
  type NamedOwner,
  type SourceMessage,
  type TargetMessage,
  type WireOp,
} from './messages.ts';
export { decodeStoredOp, encodeStoredOp, isStream, type StoredOp, type StreamEnd } from './stored-op.ts';
