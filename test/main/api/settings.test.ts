import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  connectionSections,
  connectionSettings,
  initialConnectionSettings,
  initialLineSettings,
  inputs,
  lineSections,
  lineSettings,
  replicaSections,
  serviceSections,
  type Sections,
  type Setting,
  type SettingValue,
} from '../../../src-main/api/index.ts';

const lists: readonly (readonly [title: string, about: string, sections: Sections])[] = [
  ['Of a connection', 'Kept by the source for one connection.', connectionSections],
  ['Of a line', 'Kept by the source for one target; all its connections to that target share them.', lineSections],
  ['Of a replica', 'Kept by the target for one replica.', replicaSections],
  ['Of a service', 'Kept by a service for itself.', serviceSections],
];

test('the name of a section is its own, so that scripts need not say whose it is', () => {
  const names = lists.flatMap(([, , sections]) => Object.keys(sections));
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
});

test('every default is a value that could be set', () => {
  for (const [, , sections] of lists) {
    for (const setting of Object.values(sections).flatMap((section) => Object.values(section))) {
      expect(setting.schema.safeParse(setting.initial).success).toBe(true);
    }
  }
});

test('stored settings that lack a section or a name have its default, and unknown ones are refused', () => {
  expect(connectionSettings.parse(undefined)).toEqual(initialConnectionSettings);
  expect(lineSettings.parse({ limits: { bytesPerSec: 5000 } })).toEqual({
    ...initialLineSettings,
    limits: { ...initialLineSettings.limits, bytesPerSec: 5000 },
  });
  expect(lineSettings.safeParse({ limits: { bytes: 5000 } }).success).toBe(false);
});

test('a call may change one setting and leave the rest out, but not name what is none or is out of range', () => {
  const change = (settings: unknown) => inputs['line.configure'].safeParse({ targetFingerprint: 'AB', settings }).success;
  expect(change({ limits: { bytesPerSec: 5000 } })).toBe(true);
  expect(change({ limits: { bytesPerSec: null } })).toBe(true);
  expect(change({ limits: { bytesPerSec: 3 } })).toBe(false);
  expect(change({ limits: { bytesPerSec: '5000' } })).toBe(false);
  expect(change({ limits: { speed: 5000 } })).toBe(false);
  expect(change({ bounds: {} })).toBe(false);
  expect(change({ schedule: { windowOpen: '25:00' } })).toBe(false);
});

test('the manual lists every setting (vitest -u writes it anew)', async () => {
  await expect(manual()).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/settings.md'));
});

function manual(): string {
  const parts = [
    '# Settings',
    'Changed by `set`, shown by `get`; see [dtcl.md](dtcl.md). This page is written from the program.',
  ];
  for (const [title, about, sections] of lists.filter(([, , list]) => Object.keys(list).length > 0)) {
    parts.push(`## ${title}`, about);
    for (const [name, section] of Object.entries(sections)) {
      const lines = Object.entries(section).map(([key, setting]) => `- \`${name}.${key}\` ${shapeOf(setting)}: ${setting.about}`);
      parts.push(`### ${name}`, lines.join('\n'));
    }
  }
  return `${parts.join('\n\n')}\n`;
}

function shapeOf({ form, initial }: Setting<SettingValue>): string {
  const unit = form.kind === 'integer' && form.unit !== '' ? ` ${form.unit}` : '';
  const shape = {
    integer: () => (form.kind === 'integer' ? `${form.least} to ${form.most}${unit}` : ''),
    'yes-no': () => 'yes or no',
    choice: () => (form.kind === 'choice' ? form.choices.join(', ') : ''),
    text: () => (form.kind === 'text' ? form.shape : ''),
  }[form.kind]();
  const off = 'orOff' in form && form.orOff ? ' or off' : '';
  const shown = initial === null ? 'off' : typeof initial === 'boolean' ? (initial ? 'yes' : 'no') : String(initial);
  return `(${shape}${off}; initially ${shown})`;
}
