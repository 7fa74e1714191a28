import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openSettings, type SettingsShape } from '../../../src-main/config/index.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const shape: SettingsShape<{ pets: readonly { name: string }[] }> = {
  schema: z.strictObject({ pets: z.array(z.strictObject({ name: z.string() })) }),
  migrations: [(old) => ({ pets: (old.names as string[]).map((name) => ({ name })) })],
  initial: { pets: [] },
};

describe('a settings file', () => {
  test('is not written before the first save, and reads back what was saved', async () => {
    const file = join(tempFolder(), 'pets.json');
    const settings = openSettings(file, shape);
    expect(settings.value).toEqual({ pets: [] });
    expect(existsSync(file)).toBe(false);
    await settings.update(() => ({ pets: [{ name: 'Tom' }] }));
    expect(openSettings(file, shape).value).toEqual({ pets: [{ name: 'Tom' }] });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ version: 2, pets: [{ name: 'Tom' }] });
  });

  test('is readable by its owner only and leaves no temporary file, even after one of a crash', async () => {
    const folder = tempFolder();
    const file = join(folder, 'pets.json');
    writeFileSync(`${file}.new`, 'half');
    await openSettings(file, shape).update(() => ({ pets: [] }));
    expect(readdirSync(folder)).toEqual(['pets.json']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('of an older version is brought up to date while it is read', () => {
    const file = join(tempFolder(), 'pets.json');
    writeFileSync(file, '{"version":1,"names":["Tom"]}');
    expect(openSettings(file, shape).value).toEqual({ pets: [{ name: 'Tom' }] });
  });

  test.each([
    ['newer-data', '{"version":3,"pets":[]}'],
    ['damaged-data', '{"version":2,"pets":'],
    ['damaged-data', '{"version":2,"pets":[{"name":1}]}'],
    ['damaged-data', '{"version":2,"pets":[],"more":1}'],
    ['damaged-data', '[]'],
  ])('is refused with %s and stays as it is: %s', (code, text) => {
    const file = join(tempFolder(), 'pets.json');
    writeFileSync(file, text);
    expect(() => openSettings(file, shape)).toThrow(expect.objectContaining({ code }));
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('a value that does not fit its schema is not saved', async () => {
    const file = join(tempFolder(), 'pets.json');
    const settings = openSettings(file, shape);
    await expect(settings.update(() => ({ pets: [{ name: 1 as unknown as string }] }))).rejects.toThrow();
    expect(existsSync(file)).toBe(false);
  });

  test('updates at the same time see each other, and one that fails does not stand in the way', async () => {
    const file = join(tempFolder(), 'pets.json');
    const settings = openSettings(file, shape);
    const add = (name: string) =>
      settings.update(({ pets }) => {
        if (name === 'bad') throw new Error('refused');
        return { pets: [...pets, { name }] };
      });
    const [, bad] = await Promise.allSettled([add('a'), add('bad'), add('b'), add('c')]);
    expect(bad.status).toBe('rejected');
    expect(openSettings(file, shape).value.pets.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });
});
