import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ScriptLine } from '../../../src-main/api/index.ts';
import { ScriptSittings } from '../../../src-main/console/index.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeScriptServers } from '../../support/fake-console/script-servers.ts';
import { FakeWorld } from '../../support/fake-console/world.ts';

const ONE = '00000000-0000-4000-8000-00000000000a';
const TWO = '00000000-0000-4000-8000-00000000000b';
let told: { readonly sittingId: string; readonly line: ScriptLine }[];
let world: FakeWorld;
let sittings: ScriptSittings;
beforeEach(() => {
  told = [];
  world = new FakeWorld('busy', () => undefined);
  sittings = new ScriptSittings('1.2.3', fakeScriptServers(world), (sittingId, lines) => {
    for (const line of lines) told.push({ sittingId, line });
  });
});
afterEach(() => sittings.close());

const texts = (sittingId = ONE) => told.filter((one) => one.sittingId === sittingId).map(({ line }) => line.text);

describe('a prompt of the console', () => {
  test('keeps its source and its variables from one text to the next, and no other prompt sees them', async () => {
    await sittings.run(ONE, 'source ALPHA');
    await sittings.run(ONE, '$id = conid Documents to beta');
    expect(await sittings.run(ONE, 'write "it is" $id')).toEqual({ outcome: 'finished', failures: 0 });
    expect(texts().at(-1)).toBe('it is 1');
    expect(await sittings.run(TWO, 'write $id')).toEqual({ outcome: 'finished', failures: 1 });
    expect(texts(TWO)).toEqual(['write: error -101: The variable $id is not set. Give it a value first: $id = …']);
  });

  test('an open block waits for its end, and then runs once', async () => {
    expect(await sittings.run(ONE, 'for $i = 1 to 2 do')).toEqual({ outcome: 'more', failures: 0 });
    expect(texts()).toEqual([]);
    await sittings.run(ONE, 'for $i = 1 to 2 do\nwrite $i\nend');
    expect(texts()).toEqual(['1', '2']);
  });

  test('a text with mistakes is refused whole, with their places', async () => {
    expect(await sittings.run(ONE, 'write "ran";\nmirorr start 1;')).toEqual({ outcome: 'refused', failures: 0 });
    expect(texts()[0]).toMatch(/^line 2, column 1: error -102: /);
    expect(texts()).not.toContain('ran');
  });

  test('orders go over the sessions of the console, with their rights', async () => {
    await sittings.run(ONE, 'source alpha; mirror start 1 different, orphans;');
    expect(world.connection('alpha', 1).mirror).toMatchObject({ options: { kind: 'different', orphans: true } });
    expect(await sittings.run(ONE, 'source delta; status;')).toMatchObject({ failures: 1 });
    expect(told.find(({ line }) => line.kind === 'error')?.line.text).toContain('-109');
  });

  test('a login is the login of the console; the service of this machine needs none', async () => {
    await sittings.run(ONE, '$a = login alpha any word; $b = login beta stored; $c = login delta ops wrong; write $a $b $c;');
    expect(texts().at(-1)).toMatch(/^2 2 /);
    expect(await sittings.run(ONE, 'login delta ops right')).toEqual({ outcome: 'finished', failures: 0 });
    expect(world.servers.find(({ id }) => id === 'delta')?.state.kind).toBe('online');
  });

  test('what runs can be stopped, and nothing else runs beside it', async () => {
    const running = sittings.run(ONE, 'write "began"; wait 600000; write "never";');
    await eventually('it began', () => texts().includes('began'));
    await expect(sittings.run(ONE, 'status')).rejects.toMatchObject({ code: 'bad-input' });
    sittings.stop(ONE);
    expect(await running).toEqual({ outcome: 'interrupted', failures: 0 });
    expect(texts()).not.toContain('never');
  });

  test('completes commands, servers and variables', async () => {
    await sittings.run(ONE, '$replica = 1');
    expect(sittings.complete(ONE, 'mirror st')).toEqual({ candidates: ['start', 'stop'], replaced: 'st' });
    expect(sittings.complete(ONE, 'source al').candidates).toEqual(['alpha']);
    expect(sittings.complete(ONE, 'write $re').candidates).toEqual(['$replica']);
  });
});
