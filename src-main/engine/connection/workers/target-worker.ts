import { parentPort, workerData } from 'node:worker_threads';
import { invariant, toReplicationError, type Facts, type Log } from '../../../base/index.ts';
import { createBlockHasher } from '../../fs/index.ts';
import type { TargetOrder, TargetReport, TargetWorkerData } from '../target/target-messages.ts';
import { TargetServer } from '../target/target-server.ts';

/** The thread of everything that this server holds as a target. Started and owned by `TargetHost`. */
invariant(parentPort !== null, 'the target worker runs as a worker');
const port = parentPort;
const { folder, keyPem, certificatePem, certificates, snapshots } = workerData as TargetWorkerData;

const report = (message: TargetReport): void => port.postMessage(message);
const logAt =
  (level: keyof Log) =>
  (message: string, facts: Facts = {}): void =>
    report({ kind: 'log', level, message, facts });

const server = new TargetServer({
  folder,
  keyPem,
  certificatePem,
  certificates,
  snapshots,
  hasher: await createBlockHasher(),
  log: { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
  onReplicas: (replicas) => report({ kind: 'replicas', replicas }),
  onEvent: (event) => report({ kind: 'event', event }),
  onReleased: (connectionId) => report({ kind: 'released', connectionId }),
});

async function obey(order: TargetOrder): Promise<void> {
  switch (order.kind) {
    case 'listen':
      try {
        report({ kind: 'listening', ...(await server.listen(order.host, order.port)) });
      } catch (error) {
        const { code, details } = toReplicationError(error);
        report({ kind: 'not-listening', code, details });
      }
      return;
    case 'admit':
      server.admit(order.spec);
      return;
    case 'ask':
      try {
        report({ kind: 'answer', id: order.id, answer: server.ask(order.connectionId, order.question) });
      } catch (error) {
        const { code, details } = toReplicationError(error);
        report({ kind: 'no-answer', id: order.id, code, details });
        if (code === 'internal') throw error;
      }
      return;
    case 'release':
      await server.release(order.connectionId);
      report({ kind: 'release-done', id: order.id });
      return;
    case 'configure':
      server.configure(order.connectionId, order.settings);
      return;
    case 'hold':
      await answered(order.id, () => server.hold(order.connectionId, order.hold));
      return;
    case 'certify':
      await answered(order.id, () => server.certify(order.connectionId, order.order));
      return;
    case 'snapshot':
      try {
        const answer = await server.snapshot(order.connectionId, order.order);
        report({ kind: 'snapshot-done', id: order.id, answer });
      } catch (error) {
        const { code, details } = toReplicationError(error);
        report({ kind: 'snapshot-done', id: order.id, answer: { code, details } });
      }
      return;
    case 'certificate-deleted':
      server.certificateDeleted(order.connectionId);
      return;
    case 'accept-drift':
      server.acceptDrift(order.connectionId);
      return;
    case 'close':
      await server.close();
      report({ kind: 'closed' });
      port.close();
  }
}

/** Tells whoever gave the order whether it was accepted. */
async function answered(id: number, obeyed: () => Promise<void> | void): Promise<void> {
  try {
    await obeyed();
    report({ kind: 'order-done', id, failure: null });
  } catch (error) {
    const { code, details } = toReplicationError(error);
    report({ kind: 'order-done', id, failure: { code, details } });
  }
}

// An order that fails in an unforeseen way ends the thread; its owner starts a new one.
port.on('message', (order: TargetOrder) => {
  obey(order).catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
});
