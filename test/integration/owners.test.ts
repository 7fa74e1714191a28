import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { aclBytes, attributesOf, setAttributes } from '../support/extended-attributes.ts';
import { ServiceGroup } from '../support/service-group.ts';
import { tempFolder } from '../support/temp-folder.ts';

const canUnshare = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;
if (!canUnshare) console.warn('Not root, or no mount namespaces: owners by name are not tested with two tables of users.');

const ACL = 'system.posix_acl_access';
const aclOf = (uid: number) => aclBytes({ owner: 6, user: [uid, 6], group: 4, mask: 6, other: 0 });

/** A service that starts so has a table of users of its own, in which `daemon` has another number. */
function otherUsers(number: number): readonly string[] {
  const file = `${tempFolder()}/passwd`;
  const table = readFileSync('/etc/passwd', 'utf8').replace(/^daemon:x:\d+:/m, `daemon:x:${number}:`);
  writeFileSync(file, table);
  return ['unshare', '-m', 'sh', '-c', 'mount --bind "$0" /etc/passwd && exec "$@"', file];
}

test.skipIf(!canUnshare)('owners go by number, or by name when set so: in ACLs, in listings, and after a restart', async () => {
  const group = await ServiceGroup.start(['alpha', 'beta'], { beta: otherUsers(4001) });
  onTestFinished(() => group.close());
  const source = `${group.folder}/tree`;
  const target = `${group.folder}/replica`;
  mkdirSync(source);
  for (const name of ['of daemon', 'of nobody known', 'of 4001']) writeFileSync(`${source}/${name}`, name);
  chownSync(`${source}/of daemon`, 1, 1);
  setAttributes(`${source}/of daemon`, { [ACL]: aclOf(1) });
  chownSync(`${source}/of nobody known`, 54_321, 54_321);
  chownSync(`${source}/of 4001`, 4001, 4001);
  const owners = () => ['of daemon', 'of nobody known', 'of 4001'].map((name) => statSync(`${target}/${name}`).uid);
  const acl = () => attributesOf(`${target}/of daemon`)[ACL];
  await group.makeSet('alpha', 'owned', [source]);
  const { id } = await group.connect('alpha', 'beta', 'owned', { kind: 'pairs', pairs: [{ from: source, to: target }] });
  const mirror = async () => {
    await eventually('nothing runs', async () => (await group.get('alpha', id)).mirror.kind === 'idle');
    await group.call('alpha', 'mirror.start', { connectionId: id, options: { kind: 'different' } });
    await eventually('the mirror ends', async () => (await group.get('alpha', id)).mirror.kind === 'idle');
  };
  await group.becomesEqual(source, target);
  expect(owners()).toEqual([1, 54_321, 4001]);

  await group.call('alpha', 'connection.configure', { connectionId: id, settings: { owners: { by: 'name' } } });
  // New ones go by name at once; a mirror puts the rest right, as soon as the target knows who is meant.
  writeFileSync(`${source}/new of daemon`, 'x');
  chownSync(`${source}/new of daemon`, 1, 1);
  await eventually('the new file has the owner of that name', () => statSync(`${target}/new of daemon`).uid === 4001);
  await mirror();
  await eventually('the owners are those of that name', () => owners().join() === '4001,54321,4001');
  await eventually('the ACL names the user of that name', () => acl() === aclOf(4001).toString('latin1'));

  const changedAt = () => statSync(`${target}/of daemon`, { bigint: true }).ctimeNs;
  const before = changedAt();
  await group.services.beta.stop();
  await group.services.beta.start();
  await eventually('the link is up', async () => (await group.get('alpha', id)).link.kind === 'up');
  await mirror();
  expect(changedAt(), 'a mirror finds equal what has the owner of that name').toBe(before);

  await group.call('alpha', 'connection.configure', { connectionId: id, settings: { owners: { by: 'number' } } });
  writeFileSync(`${source}/by number again`, 'x');
  await eventually('it arrives', () => statSync(`${target}/by number again`).size === 1);
  await mirror();
  await eventually('the owners have their numbers again', () => owners().join() === '1,54321,4001');
});
