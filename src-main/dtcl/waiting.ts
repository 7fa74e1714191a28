import type { ConnectionSnapshot } from '../api/index.ts';
import { formatDuration, ReplicationError } from '../base/index.ts';
import type { Run } from './definitions.ts';
import { ScriptFailure } from './script-failure.ts';
import { nameOf, showLink } from './show.ts';

const pollMs = 100;
/** So long may the line to the source be lost (its service restarts, say) before a wait gives up. */
const patienceMs = 60_000;

/**
 * Looks at a connection until `look` says that it is done. A halted connection ends the wait at once: only a person moves it on.
 * `otherwise` is added to the sentence when the time runs out: what holds from then on.
 */
export async function waitUntil(
  run: Run,
  connection: ConnectionSnapshot,
  options: { forMs: number | null; goal: string; otherwise: string },
  look: (snapshot: ConnectionSnapshot, waitedMs: number) => boolean,
): Promise<ConnectionSnapshot> {
  const { clock } = run.session.host;
  const calls = run.session.sourceCalls();
  const startedAt = clock.now().getTime();
  let lastHeardAt = startedAt;
  for (;;) {
    const now = () => clock.now().getTime();
    let snapshot: ConnectionSnapshot;
    try {
      snapshot = await calls.call('connection.get', { connectionId: connection.id });
    } catch (error) {
      const isOver = options.forMs !== null && now() - startedAt >= options.forMs;
      if (!isLost(error) || isOver || now() - lastHeardAt > patienceMs) throw error;
      await clock.sleep(pollMs * 5, run.signal);
      continue;
    }
    lastHeardAt = now();
    const waitedMs = lastHeardAt - startedAt;
    if (look(snapshot, waitedMs)) return snapshot;
    if (snapshot.halt !== null) {
      const { cause, nextStep } = snapshot.halt;
      throw new ScriptFailure(-126, `${capital(nameOf(snapshot))} is halted: ${cause} ${nextStep}`);
    }
    if (options.forMs !== null && waitedMs >= options.forMs) {
      const link = snapshot.link.kind === 'up' ? '' : ` The link is ${showLink(snapshot.link)}`;
      throw new ScriptFailure(
        -125,
        `${capital(nameOf(snapshot))} ${options.goal} within ${formatDuration(options.forMs)}.${link} ${options.otherwise}`.trim(),
      );
    }
    await clock.sleep(pollMs, run.signal);
  }
}

/** The service may be back at the next look, and a look changes nothing. */
function isLost(error: unknown): boolean {
  return error instanceof ReplicationError && ['link-lost', 'unreachable', 'timeout'].includes(error.code);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
