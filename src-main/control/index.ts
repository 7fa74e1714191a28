/**
 * How a client speaks to a service: one contract (`api/`) in-process or over TLS with a pinned certificate. This room carries calls,
 * checks their input and the caller's role, and carries updates back; it knows nothing of what the calls do. See README.md.
 */
export { createAnswerer, type Answered, type Answerer, type Handlers, type Peer } from './answerer.ts';
export { callErrorText, fromCallError, toCallError } from './call-errors.ts';
export { openControlSession, probe, type ProbeResult } from './client.ts';
export { establishConnection, establishRestore } from './establish-connection.ts';
export { formatAddress, isLoopback, parseAddress, type Address } from './address.ts';
export { inProcessSession } from './in-process.ts';
export { keepAlive } from './keep-alive.ts';
export { listen } from './listen.ts';
export { LoginLimiter } from './login-limiter.ts';
export { startControlServer, type ControlServer } from './server.ts';
export type { ControlSession } from './session.ts';
export { UpdateSender } from './update-sender.ts';
