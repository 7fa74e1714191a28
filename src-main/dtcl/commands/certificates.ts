import type { CallResult, CertificateSummary, ReplicaSnapshot } from '../../api/index.ts';
import { formatBytes, formatDuration } from '../../base/index.ts';
import { bringCertificate } from '../certificate-file.ts';
import { done, type CommandDefinition, type Outcome, type Run } from '../definitions.ts';
import { integerIn } from '../ranges.ts';
import { certifiedOf, readServer, replicaOf, targetOf, type HeldReplica } from '../replicas.ts';
import { ScriptFailure } from '../script-failure.ts';
import { textValue } from '../values.ts';

const POLL_MS = 100;
/** A hold is in force when the source has made its cut, which takes seconds at the most. */
const HOLD_MS = 60_000;
const where =
  'Needs a login on the target. "on" names the target, and the replica by the id of its connection, if its source is gone.';

const make: CommandDefinition = {
  name: 'certificate make',
  syntax: '<connection> [full] [on <server>]',
  about:
    'Makes a certificate of a replica that stands still, because it is held or its source is paused: a signed list of all that is in it, ' +
    'with the hashes of the contents. A hold that was ordered is waited for. What did not change since the last one is not read again, unless "full" is said. Returns when it has ' +
    `begun; to wait for its end use: wait on certificate. ${where}`,
  example: 'certificate make $id full;',
  words: ['full', 'on'],
  bind(reader) {
    const which = reader.operand('the connection');
    const full = reader.takeWord('full') !== null;
    const server = readServer(reader);
    return async (run) => {
      const { session, print } = run;
      const replica = await replicaOf(session, which, server);
      await untilHeld(run, replica);
      const { failure } = (await lookAt(replica)).certificates;
      const ids = (await replica.calls.call('certificate.list', { connectionId: replica.connectionId })).map(({ id }) => id);
      session.certificatesBefore.set(replica.connectionId, { ids: new Set(ids), failedAt: failure?.at ?? null });
      await replica.calls.call('certificate.make', { connectionId: replica.connectionId, full });
      print(`Certificate begun: ${replica.name}.`);
      return done;
    };
  },
};

const stop: CommandDefinition = {
  name: 'certificate stop',
  syntax: '<connection> [on <server>]',
  about: `Ends the certificate that is being made; there is none then. ${where}`,
  example: 'certificate stop $id;',
  words: ['on'],
  bind(reader) {
    const which = reader.operand('the connection');
    const server = readServer(reader);
    return async ({ session, print }) => {
      const { calls, connectionId, name } = await replicaOf(session, which, server);
      await calls.call('certificate.stop', { connectionId });
      print(`Certificate stopped: ${name}.`);
      return done;
    };
  },
};

const waitOn: CommandDefinition = {
  name: 'wait on certificate',
  syntax: '<connection> [for <seconds>] [on <server>]',
  about: `Waits until a certificate is made, and fails when it is not. An assignment takes its id. ${where}`,
  example: '$certificate = wait on certificate $id for 3600;',
  words: ['for', 'on'],
  bind(reader) {
    const which = reader.operand('the connection');
    const seconds = reader.takeWord('for') === null ? null : reader.operand('the number of seconds');
    const server = readServer(reader);
    return async (run): Promise<Outcome> => {
      const { session, print } = run;
      const forMs = seconds === null ? Infinity : integerIn(session, seconds, 0, 604_800, 'seconds') * 1000;
      const replica = await replicaOf(session, which, server);
      const last = await untilMade(run, replica, forMs);
      print(`Certified: ${replica.name}: ${showCertificate(last)}`);
      return { result: 1, value: textValue(last.id), data: last };
    };
  },
};

/** The command before may have ordered a hold that is not in force yet. If it does not come, the target says why it makes no certificate. */
async function untilHeld(run: Run, replica: HeldReplica): Promise<void> {
  const { clock } = run.session.host;
  const untilMs = clock.now().getTime() + HOLD_MS;
  for (;;) {
    const { hold } = await lookAt(replica);
    if (hold === null || hold.isEffective || clock.now().getTime() > untilMs) return;
    await clock.sleep(POLL_MS, run.signal);
  }
}

/** Looks until the certificate that this script began, or else any, is over. */
async function untilMade(run: Run, replica: HeldReplica, forMs: number): Promise<CertificateSummary> {
  const { clock } = run.session.host;
  const before = run.session.certificatesBefore.get(replica.connectionId);
  const startedAt = clock.now().getTime();
  for (;;) {
    const { run: making, last, failure } = (await lookAt(replica)).certificates;
    if (making === null) {
      // Neither the newest of those before nor the failure before it says anything of the one that this script began.
      if (failure !== null && failure.at !== before?.failedAt) throw new ScriptFailure(-126, failure.text);
      if (last !== null && before?.ids.has(last.id) !== true) return last;
      if (before === undefined)
        throw new ScriptFailure(-117, `There is no certificate of ${replica.name}. Start one: certificate make.`);
      // One that was accepted is shown at once.
      throw new ScriptFailure(-126, `The certificate of ${replica.name} was stopped. None was made.`);
    }
    if (clock.now().getTime() - startedAt >= forMs)
      throw new ScriptFailure(-125, `There was no certificate within ${formatDuration(forMs)}: ${replica.name}. It goes on.`);
    await clock.sleep(POLL_MS, run.signal);
  }
}

const list: CommandDefinition = {
  name: 'certificate list',
  syntax: '<connection> [on <server>] | on <server>',
  about: `The certificates of a replica, newest first; or all of a target, also of connections that have ended. ${where}`,
  example: 'certificate list $id;',
  words: ['on'],
  bind(reader) {
    const which = reader.isWord('on') ? null : reader.operand('the connection');
    const server = readServer(reader);
    return async ({ session, print }) => {
      let found: CallResult<'certificate.list'>;
      if (which !== null) {
        const { calls, connectionId } = await certifiedOf(session, which, server);
        found = await calls.call('certificate.list', { connectionId });
      } else {
        found = await targetOf(session, server, 'certificate list').call('certificate.list', { connectionId: null });
      }
      for (const certificate of found) print(showCertificate(certificate));
      if (found.length === 0) print('There are no certificates.');
      return { result: 1, data: found };
    };
  },
};

const exportIt: CommandDefinition = {
  name: 'certificate export',
  syntax: '<connection> [<certificate>] to <file> [on <server>]',
  about:
    'Brings a certificate, the newest unless another one is named, from the target into a new file here, for "understudy verify-backup". ' +
    where,
  example: 'certificate export $id to "/backup/accounts.certificate";',
  words: ['to', 'on'],
  bind(reader) {
    const which = reader.operand('the connection');
    const certificate = reader.isWord('to') ? null : reader.operand('the certificate');
    reader.expectWord('to');
    const path = reader.operand('the file');
    const server = readServer(reader);
    return async ({ session, print, signal }) => {
      const { calls, connectionId } = await certifiedOf(session, which, server);
      const target = session.text(path);
      const named = certificate === null ? null : session.text(certificate, 50);
      const wanted = { connectionId, certificateId: named, path: target, signal };
      const certificateId = await bringCertificate(calls, session.host, wanted);
      print(`Certificate ${certificateId ?? ''} is in ${target}.`);
      return { result: 1, data: { id: certificateId, file: target } };
    };
  },
};

const remove: CommandDefinition = {
  name: 'certificate delete',
  syntax: '<connection> <certificate> [on <server>]',
  about: `Deletes one certificate on the target; copies of it elsewhere stay what they are. ${where}`,
  example: 'certificate delete $id 2026-11-22T11-00-00-000Z;',
  words: ['on'],
  bind(reader) {
    const which = reader.operand('the connection');
    const certificate = reader.operand('the certificate');
    const server = readServer(reader);
    return async ({ session, print }) => {
      const { calls, connectionId, name } = await certifiedOf(session, which, server);
      const certificateId = session.text(certificate, 50);
      await calls.call('certificate.delete', { connectionId, certificateId });
      print(`Certificate ${certificateId} was deleted: ${name}.`);
      return done;
    };
  },
};

async function lookAt({ calls, connectionId, name }: HeldReplica): Promise<ReplicaSnapshot> {
  const replica = (await calls.call('replica.list', null)).find((one) => one.connectionId === connectionId);
  if (replica === undefined) throw new ScriptFailure(-115, `The target does not hold this replica any more: ${name}.`);
  return replica;
}

function showCertificate({ id, setName, sourceName, standstill, ...facts }: CertificateSummary): string {
  const { files, folders, symlinks, bytes, unreadable, sha256 } = facts;
  const at = showPlace(facts);
  const by = { hold: 'held', pause: 'paused', rest: 'at rest' }[standstill.by];
  const proven = `${files} files, ${folders} folders, ${symlinks} links, ${formatBytes(bytes)}`;
  return `${id}  ${setName} from ${sourceName}, ${at}, ${by}: ${proven}${unreadable === 0 ? '' : `, ${unreadable} unreadable`}  sha256 ${sha256}`;
}

/** Only exactly at a cut is a replica worth what the cut is. */
function showPlace({ cut, appliedSequence }: Pick<CertificateSummary, 'cut' | 'appliedSequence'>): string {
  if (cut === null) return `operation ${appliedSequence}, no cut`;
  if (cut.sequence === appliedSequence) return `cut ${cut.sequence} (${cut.label}) of ${cut.at}`;
  return `operation ${appliedSequence} (file-level) after cut ${cut.sequence} of ${cut.at}`;
}

/** What proves what a replica held. */
export const certificateCommands: readonly CommandDefinition[] = [make, stop, list, exportIt, remove, waitOn];
