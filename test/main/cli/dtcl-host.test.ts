import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { RegistryHost } from '../../../src-main/cli/dtcl-host.ts';
import { fileSecretBox, openRegistry, type Registry } from '../../../src-main/console/index.ts';
import { DtclSession, parse, runScript } from '../../../src-main/dtcl/index.ts';
import { ADMIN, startTestService, type TestService } from '../../support/start-test-service.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const login = (server: string) => `login ${server} ${ADMIN.user} "${ADMIN.password}";`;
let alpha: TestService;
let beta: TestService;
let registry: Registry;
let host: RegistryHost;

beforeEach(async () => {
  const volumes = [{ name: 'C', folder: tempFolder() }];
  [alpha, beta] = await Promise.all([
    startTestService({ name: 'machine-1', volumes }),
    startTestService({ name: 'machine-2', volumes }),
  ]);
  const home = tempFolder();
  registry = openRegistry(home, { box: fileSecretBox(home) });
  for (const [name, { service }] of [
    ['alpha', alpha],
    ['beta', beta],
  ] as const) {
    registry.add({ name, address: `127.0.0.1:${service.control.port}`, fingerprint: service.info.fingerprint });
  }
  host = new RegistryHost(registry, () => Promise.resolve(null));
  onTestFinished(() => host.close());
});

/** The results of all commands of a script, and what went wrong. */
async function run(text: string) {
  const { script, problems } = parse(text);
  expect(problems).toEqual([]);
  const results: number[] = [];
  const errors: string[] = [];
  await runScript(
    script,
    new DtclSession(host),
    {
      stopsAtFailure: false,
      print: () => undefined,
      report: ({ result, error }) => {
        results.push(result);
        if (error !== null) errors.push(error.text);
      },
    },
    new AbortController().signal,
  );
  return { results, errors };
}

test('a set is made, connected to the target under its known name, found by its map, held and ended', async () => {
  const { results, errors } = await run(`${login('alpha')} ${login('BETA')} source alpha; target beta;
    repset create s; repset rule add c:\\data include; repset save;
    $id = connect s to beta map base c:\\noon_mirror\\, nomirror;
    $again = conid S to Beta map base C:\\NOON_MIRROR;
    connect s to beta map base c:\\noon_mirror;
    transmission pause nowait; transmission resume; status connection $again; status target; disconnect $again; conid s to beta;`);
  expect(errors).toEqual([
    expect.stringContaining('already connected to beta'),
    expect.stringContaining('not connected to beta'),
  ]);
  expect(results).toEqual([2, 2, 1, 1, 1, 1, 1, 1, 1, -116, 1, 1, 1, 1, 1, -115]);
  expect(alpha.engine.calls.filter((call) => call.startsWith('command'))).toEqual([
    'command pause-transmission',
    'command resume-transmission',
  ]);
});

test('wrong passwords give 0, and end the rights of the login before', async () => {
  const { results } = await run(`${login('alpha')} source alpha; repset list; login alpha ${ADMIN.user} wrong; repset list;`);
  expect(results).toEqual([2, 1, 1, 0, -109]);
});

test('a monitor may look and not change', async () => {
  await alpha.session.call('account.create', { name: 'watcher', password: 'eyes', role: 'monitor' });
  const { results } = await run('login alpha watcher eyes; source alpha; repset list; status; repset create s;');
  expect(results).toEqual([1, 1, 1, 1, -109]);
});

test('a stored login is taken from the registry', async () => {
  expect((await run('login alpha stored;')).results).toEqual([-110]);
  registry.storeLogin('alpha', ADMIN);
  expect((await run('login alpha stored; source alpha; repset list;')).results).toEqual([2, 1, 1]);
});

test('a line that broke between two commands is made anew with the same login', async () => {
  await run(login('alpha'));
  const { control } = alpha.service;
  await alpha.service.close();
  expect((await run('source alpha; repset list;')).results).toEqual([1, -108]);
  await startTestService({ name: 'machine-1', dataDir: alpha.dataDir, control });
  expect((await run('source alpha; repset list;')).results).toEqual([1, 1]);
});

test('a connect that the source refuses leaves no admission on the target', async () => {
  const { results } = await run(`${login('alpha')} ${login('beta')} source alpha; repset create s; connect s to beta map exact;`);
  expect(results).toEqual([2, 2, 1, 1, -114]);
  expect(beta.engine.admitted.size).toBe(0);
});
