import { ScriptFailure } from '../script-failure.ts';
import { formatBytes } from '../../base/index.ts';
import { connectionsOf } from '../connections.ts';
import type { CommandDefinition } from '../definitions.ts';
import { statisticsLines, statisticsTable } from '../statistics-text.ts';
import { showBrief, showFull } from '../show.ts';
import { showStanding } from '../show-cut.ts';

const overview: CommandDefinition = {
  name: 'status',
  aliases: ['status source'],
  syntax: '',
  about: 'One line for each connection of the source.',
  example: 'status;',
  bind(reader) {
    reader.end();
    return async ({ session, print }) => {
      const connections = await session.sourceCalls().call('connection.list', null);
      for (const connection of connections) print(showBrief(connection));
      if (connections.length === 0) print(`${session.requireSource()} has no connections.`);
      return { result: 1, data: connections };
    };
  },
};

const statusConnection: CommandDefinition = {
  name: 'status connection',
  aliases: ['status con'],
  syntax: '<connection>|*|all',
  about: 'Everything about a connection: link, transmission, mirror, replication, queues and open problems.',
  example: 'status connection $id;',
  bind(reader) {
    const which = reader.operand('the connection');
    reader.end();
    return async ({ session, print }) => {
      const connections = await connectionsOf(session, which);
      for (const [i, connection] of connections.entries()) {
        if (i > 0) print('');
        for (const line of showFull(connection)) print(line);
      }
      if (connections.length === 0) print(`${session.requireSource()} has no connections.`);
      return { result: 1, data: connections };
    };
  },
};

const statusTarget: CommandDefinition = {
  name: 'status target',
  syntax: '[<server>]',
  about: 'The replicas that a target holds: whose they are, and how far they are applied. Needs a login on the target.',
  example: 'status target beta;',
  bind(reader) {
    const server = reader.optionalOperand('the server');
    reader.end();
    return async ({ session, print }) => {
      const { host } = session;
      const name = server === null ? session.target : host.resolve(session.text(server));
      if (name === null) throw new ScriptFailure(-106, 'No target is chosen. Name it in the command, or say: target <server>.');
      const replicas = await host.calls(name).call('replica.list', null);
      for (const replica of replicas) {
        const where = replica.roots.map(({ to }) => to).join(', ');
        const queue = `applied up to operation ${replica.appliedSequence}, ${replica.queuedOps} operations waiting`;
        print(`${replica.setName} from ${replica.sourceName}  at ${where}  ${replica.state} since ${replica.since}  ${queue}`);
        print(`  connection ${replica.connectionId}; ${showStanding(replica)}`);
        if (replica.queue.full !== null)
          print(`  queue full since ${replica.queue.full.since}: ${replica.queue.full.why}; the source pauses`);
        if (replica.drift.count > 0) print(`  ${replica.drift.count} files were changed by somebody else: drift ${name}`);
        const { kept, orphans } = replica;
        if (kept.count > 0) print(`  ${kept.count} deleted entries are kept (${formatBytes(kept.bytes)})`);
        if (orphans !== null) print(`  orphans: ${orphans.found} found, ${orphans.left} left, searched ${orphans.startedAt}`);
        if (replica.problem !== null) print(`  ${replica.problem.cause} ${replica.problem.nextStep}`);
      }
      if (replicas.length === 0) print(`${name} holds no replicas.`);
      return { result: 1, data: replicas };
    };
  },
};

const stats: CommandDefinition = {
  name: 'stats',
  syntax: '[<connection>|*|all] [json|csv]',
  about:
    'All counters of a connection, or of all of the source: one to a line, each connection as a line of JSON, or as a table with commas.',
  example: 'stats csv;',
  words: ['json', 'csv', 'all'],
  bind(reader) {
    const which = reader.isAtEnd || reader.isWord('json') || reader.isWord('csv') ? null : reader.operand('the connection');
    const form = reader.takeWord('json', 'csv');
    reader.end();
    return async ({ session, print }) => {
      const connections =
        which === null ? await session.sourceCalls().call('connection.list', null) : await connectionsOf(session, which);
      if (form === 'csv') for (const line of statisticsTable(connections)) print(line);
      for (const connection of form === 'csv' ? [] : connections) {
        if (form === 'json') print(JSON.stringify(connection));
        else for (const line of statisticsLines(connection, connections.length > 1)) print(line);
      }
      if (connections.length === 0 && form === null) print(`${session.requireSource()} has no connections.`);
      const all = connections.map(({ id, number, statistics }) => ({ connection: id, number, ...statistics }));
      return { result: 1, data: which !== null && all.length === 1 ? connections[0]?.statistics : all };
    };
  },
};

/** What is true now. */
export const statusCommands: readonly CommandDefinition[] = [overview, statusConnection, statusTarget, stats];
