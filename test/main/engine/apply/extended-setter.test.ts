import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { ExtendedSetter } from '../../../../src-main/engine/apply/extended-setter.ts';
import type { ExtendedAttribute, Loss } from '../../../../src-main/engine/model/index.ts';
import { attributesOf, setAttributes } from '../../../support/extended-attributes.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const isRoot = process.getuid?.() === 0;

function setter() {
  const losses: Loss[] = [];
  return { losses, setter: new ExtendedSetter((_, loss) => void losses.push(loss)) };
}

function list(attributes: Record<string, string>): ExtendedAttribute[] {
  return Object.entries(attributes).map(([name, value]) => ({ name, value: Buffer.from(value) }));
}

test('an entry has exactly what is wanted afterwards', () => {
  const path = `${tempFolder()}/f`;
  writeFileSync(path, 'x');
  setAttributes(path, { 'user.kept': '1', 'user.changed': '1', 'user.gone': '1' });
  const { losses, setter: it } = setter();
  it.set(path, list({ 'user.changed': '2', 'user.kept': '1', 'user.new': '1' }));
  expect(attributesOf(path)).toEqual({ 'user.changed': '2', 'user.kept': '1', 'user.new': '1' });
  it.set(path, []);
  expect(attributesOf(path)).toEqual({});
  expect(losses).toEqual([]);
});

test('labels that belong to the machine are not taken from a source that sends them', () => {
  const path = `${tempFolder()}/f`;
  writeFileSync(path, 'x');
  const { losses, setter: it } = setter();
  it.setNew(path, list({ 'security.selinux': 'u:r:t:s0', 'system.other': 'x', 'user.a': '1' }));
  expect(attributesOf(path)).toEqual({ 'user.a': '1' });
  expect(losses).toEqual([]);
});

test('a volume that has none is a loss by kind, and no failure', () => {
  const { losses, setter: it } = setter();
  it.setNew('/proc/self/comm', list({ 'user.a': '1' }));
  expect(losses).toEqual(['user-attributes']);
});

test.skipIf(!isRoot)('no room in the inode is not taken for a full disk', () => {
  const folder = tempFolder();
  const image = `${folder}/image`;
  const mounted = `${folder}/mounted`;
  mkdirSync(mounted);
  spawnSync('truncate', ['-s', '16M', image]);
  spawnSync('mkfs.ext4', ['-q', image]);
  if (spawnSync('mount', ['-o', 'loop', image, mounted]).status !== 0) {
    console.warn('An ext4 image could not be mounted: the limit of attributes is not tested.');
    return;
  }
  onTestFinished(() => void spawnSync('umount', ['-l', mounted]));
  const path = `${mounted}/f`;
  writeFileSync(path, 'x');
  const { losses, setter: it } = setter();
  it.setNew(path, list({ 'user.a': '1', 'user.large': 'x'.repeat(20_000) }));
  expect(losses).toEqual(['attribute-space']);
  expect(attributesOf(path)).toEqual({ 'user.a': '1' });
});
