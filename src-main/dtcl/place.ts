import type { ServiceCaller } from '../api/index.ts';
import type { ArgumentReader } from './arguments.ts';
import type { DtclSession } from './session.ts';

/** Reads `[on <server>]`, which must come last: the server that is named, else the chosen source. */
export function readPlace(reader: ArgumentReader): (session: DtclSession) => { server: string; calls: ServiceCaller } {
  const named = reader.takeWord('on') === null ? null : reader.operand('the server');
  reader.end();
  return (session) => {
    const server = named === null ? session.requireSource() : session.host.resolve(session.text(named));
    return { server, calls: session.host.calls(server) };
  };
}
