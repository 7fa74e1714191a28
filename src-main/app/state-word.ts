import type { ConnectionSnapshot, ConsoleUpdate } from '../api/index.ts';

/** The state of every replica in one line, worst first; kept from the console's updates, shown in the tray. */
export class StateWord {
  readonly #byServer = new Map<string, readonly ConnectionSnapshot[]>();

  get text(): string {
    return describeReplicas([...this.#byServer.values()].flat());
  }

  /** Whether the line may have changed. */
  take(update: ConsoleUpdate): boolean {
    if (update.name === 'connections') {
      this.#byServer.set(update.serverId, update.value);
      return true;
    }
    if (update.name !== 'servers') return false;
    // A server that was removed takes its connections with it.
    const known = new Set(update.value.map((server) => server.id));
    for (const id of [...this.#byServer.keys()]) if (!known.has(id)) this.#byServer.delete(id);
    return true;
  }
}

/** The worst thing that is true now, with its number; a person who must act comes before anything that passes by itself. */
export function describeReplicas(connections: readonly ConnectionSnapshot[]): string {
  if (connections.length === 0) return 'Nothing is replicated';
  const count = (is: (connection: ConnectionSnapshot) => boolean): number => connections.filter(is).length;
  const ladder: readonly (readonly [number, string])[] = [
    [count((c) => c.halt !== null), 'halted: an answer is needed'],
    [count((c) => c.link.kind === 'down'), 'without a link to the target'],
    [count((c) => c.targetData === 'mirror-required'), 'in need of a mirror'],
    [count((c) => c.transmission.kind !== 'active'), 'paused or stopped'],
    [count((c) => c.targetData !== 'good'), 'mirroring'],
  ];
  const worst = ladder.find(([number]) => number > 0);
  const [number, words] = worst ?? [connections.length, 'good'];
  return `${number} of ${connections.length} ${connections.length === 1 ? 'connection' : 'connections'} ${words}`;
}
