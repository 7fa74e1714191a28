import type { ConnectionSnapshot, ServiceCaller, SettingValue } from '../../api/index.ts';
import { connectionsOf, onEach, targetCalls } from '../connections.ts';
import { done, type CommandDefinition, type Outcome } from '../definitions.ts';
import { UNKNOWN_OPTION } from '../problem.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { DtclSession } from '../session.ts';
import {
  allSettings,
  readSetting,
  settingsNamed,
  showSetting,
  unknownSetting,
  type NamedSetting,
  type SettingScope,
} from '../settings-table.ts';
import { nameOf } from '../show.ts';
import type { ArgumentReader } from '../arguments.ts';
import { integerValue, textValue, type Value } from '../values.ts';

const ofConnection: readonly SettingScope[] = ['connection', 'line', 'replica'];
const ofService: readonly SettingScope[] = ['service'];

const set: CommandDefinition = {
  name: 'set',
  syntax: '<connection>|*|all|service <section>.<name> = <value>',
  about:
    'Changes a setting of a connection, of the line to its target (which all connections to that target share), of its replica on the ' +
    'target, or of the source\'s service; in force at once. "get" shows the names. Bytes may be written as 64k, 10m, 2g.',
  example: 'set $id compression.isEnabled = yes;',
  words: ['all', 'service', ...allSettings.map(({ full }) => full)],
  bind(reader) {
    const isService = reader.takeWord('service') !== null;
    const which = isService ? null : reader.operand('the connection');
    const scopes = isService ? ofService : ofConnection;
    const given = readAssignment(reader);
    reader.end();
    const [named, ...more] = settingsNamed(given.name, scopes);
    if (named === undefined || more.length > 0 || named.full.toLowerCase() !== given.name.toLowerCase()) {
      throw reader.unknownOption(unknownSetting(given.name, scopes), given.at);
    }
    return async (run): Promise<Outcome> => {
      const { session, print } = run;
      const value = readSetting(named, given.value(session));
      if (which === null) {
        await session.sourceCalls().call('service.configure', { settings: { [named.section]: { [named.name]: value } } });
        print(`${named.full} = ${showSetting(value)}: ${session.requireSource()}.`);
        return done;
      }
      await onEach(run, await connectionsOf(session, which), async (connection, calls) => {
        await configure(session, calls, connection, named, value);
        print(`${named.full} = ${showSetting(value)}: ${ownerOf(connection, named)}.`);
      });
      return done;
    };
  },
};

/** `name = value`, with or without blanks around the sign. */
function readAssignment(reader: ArgumentReader) {
  const { at } = reader;
  const first = reader.operand('the setting');
  if (first.kind === 'variable') throw reader.refusal('the name of a setting cannot be a variable', at);
  const [name = '', ...joined] = first.text.split('=');
  const attached = joined.join('=');
  if (attached !== '') return { name, at, value: () => textValue(attached) };
  if (joined.length === 0) {
    const next = reader.operand('"="');
    if (next.kind !== 'word' || !next.text.startsWith('='))
      throw reader.refusal('"=" must follow the name of the setting', next.at);
    const after = next.text.slice(1);
    if (after !== '') return { name, at, value: () => textValue(after) };
  }
  const value = reader.operand('the value');
  return { name, at, value: (session: DtclSession) => session.value(value) };
}

async function configure(
  session: DtclSession,
  calls: ServiceCaller,
  connection: ConnectionSnapshot,
  { scope, section, name }: NamedSetting,
  value: SettingValue,
): Promise<void> {
  const settings = { [section]: { [name]: value } };
  const { id: connectionId, targetFingerprint } = connection;
  // The service checks names and types once more; here they come from the same table.
  if (scope === 'connection') await calls.call('connection.configure', { connectionId, settings });
  else if (scope === 'line') await calls.call('line.configure', { targetFingerprint, settings });
  else await targetCalls(session, connection).call('replica.configure', { connectionId, settings });
}

function ownerOf(connection: ConnectionSnapshot, { scope }: NamedSetting): string {
  if (scope === 'line') return `every connection to ${connection.targetName}`;
  return scope === 'replica' ? `the replica of ${nameOf(connection)}` : nameOf(connection);
}

const get: CommandDefinition = {
  name: 'get',
  syntax: '<connection>|service [<section>[.<name>]]',
  about:
    "Shows the settings of a connection or of the source's service with what they do; one that is named in full can be assigned. Those of " +
    'the replica need a login on the target.',
  example: '$limit = get $id limits.bytesPerSec;',
  words: ['service', ...allSettings.map(({ full }) => full)],
  bind(reader) {
    const isService = reader.takeWord('service') !== null;
    const which = isService ? null : reader.operand('the connection');
    const scopes = isService ? ofService : ofConnection;
    const { at } = reader;
    const word = reader.optionalOperand('the setting');
    if (word?.kind === 'variable') throw reader.refusal('the name of a setting cannot be a variable', at);
    reader.end();
    const wanted = word === null ? allSettings.filter(({ scope }) => scopes.includes(scope)) : settingsNamed(word.text, scopes);
    if (word !== null && wanted.length === 0) throw reader.unknownOption(unknownSetting(word.text, scopes), at);
    return async ({ session, print }): Promise<Outcome> => {
      const [connection] = which === null ? [] : await connectionsOf(session, which, false);
      const data: Record<string, SettingValue> = {};
      for (const named of wanted) {
        const values = await valuesOf(session, connection ?? null, named.scope, word === null);
        const value = values?.[named.section]?.[named.name];
        if (value === undefined) continue;
        data[named.full] = value;
        print(`${`${named.full} = ${showSetting(value)}`.padEnd(40)} ${named.setting.about}`);
      }
      const [only, ...others] = Object.values(data);
      if (only === undefined) throw new ScriptFailure(UNKNOWN_OPTION, 'That setting has no value there.');
      return { result: 1, data, ...(others.length === 0 ? { value: valueOf(only) } : {}) };
    };
  },
};

type Values = Readonly<Record<string, Readonly<Record<string, SettingValue>> | undefined>>;

async function valuesOf(
  session: DtclSession,
  connection: ConnectionSnapshot | null,
  scope: SettingScope,
  isOverview: boolean,
): Promise<Values | null> {
  if (connection === null) return session.sourceCalls().call('service.settings', null);
  if (scope === 'connection') return connection.settings;
  if (scope === 'line') return connection.line.settings;
  let replicas;
  try {
    replicas = await targetCalls(session, connection).call('replica.list', null);
  } catch (error) {
    // An overview shows what can be seen without a login on the target.
    if (isOverview) return null;
    throw error;
  }
  return replicas.find(({ connectionId }) => connectionId === connection.id)?.settings ?? null;
}

function valueOf(value: SettingValue): Value {
  return typeof value === 'number' ? integerValue(value) : textValue(showSetting(value));
}

/** What is set once and holds from then on. */
export const settingsCommands: readonly CommandDefinition[] = [set, get];
