/** Resolves at the first SIGTERM or SIGINT (or SIGHUP of a closed terminal); a second one ends the process at once, whatever hangs. */
export async function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (signal: NodeJS.Signals) => {
      // An exit would wait for every thread, also for one that hangs in a call of the system.
      if (isStopping) process.kill(process.pid, 'SIGKILL');
      isStopping = true;
      resolve(signal);
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  });
}
