/** The link to one target: numbers ops, gathers them into frames, sends them in order, and knows what is in flight. */
export { type OpClass } from './in-flight.ts';
export { FramePacker } from './frame-packer.ts';
export type { InFlight } from './in-flight.ts';
export { LineMeter, type LineLimits } from './line-meter.ts';
export { Link, type LinkListener, type LinkOptions, type Welcome } from './link.ts';
export { Outbox, type Channel, type NewOp, type StreamOp } from './outbox.ts';
export { Requests, type FileSignature } from './requests.ts';
