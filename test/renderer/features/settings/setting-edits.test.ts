import { describe, expect, test } from 'vitest';
import {
  connectionSections,
  initialConnectionSettings,
  initialLineSettings,
  lineSections,
} from '../../../../src-main/api/index.ts';
import { SettingEdits } from '../../../../src-renderer/features/settings/setting-edits.svelte.ts';
import {
  settingLabel,
  settingScript,
  settingShape,
  settingSize,
  settingValue,
} from '../../../../src-renderer/text/setting-words.ts';

const limits = lineSections.limits;

describe('typed settings', () => {
  test('only what was typed is changed, and typing the old value back changes nothing', () => {
    const edits = new SettingEdits(
      () => lineSections,
      () => initialLineSettings,
    );
    edits.type('limits', 'bytesPerSec', '5000');
    edits.type('schedule', 'isStartEnabled', 'no');
    edits.type('limits', 'burstSeconds', '7');
    edits.type('limits', 'burstSeconds', String(initialLineSettings.limits.burstSeconds));
    expect(edits.change).toEqual({ limits: { bytesPerSec: 5000 }, schedule: { isStartEnabled: false } });
    expect(edits.script('3')).toEqual(['set 3 limits.bytesPerSec = 5000;', 'set 3 schedule.isStartEnabled = no;']);
    edits.discard();
    expect(edits.isDirty).toBe(false);
  });

  test('a value that somebody else changed meanwhile shows, unless it is being typed over', () => {
    let values = initialConnectionSettings;
    const edits = new SettingEdits(
      () => connectionSections,
      () => values,
    );
    edits.type('compression', 'level', '2');
    values = { ...values, compression: { isEnabled: true, level: 3 } };
    expect(edits.text('compression', 'isEnabled')).toBe('yes');
    expect(edits.text('compression', 'level')).toBe('2');
  });

  test('what is no value is marked and never sent', () => {
    const edits = new SettingEdits(
      () => lineSections,
      () => initialLineSettings,
    );
    for (const typed of ['5q', '-1', '1.5', '12']) {
      edits.type('limits', 'bytesPerSec', typed);
      expect(edits.isWrong('limits', 'bytesPerSec'), typed).toBe(true);
      expect(edits.hasWrong).toBe(true);
      expect(edits.change).toEqual({});
    }
  });
});

describe('a setting in words', () => {
  test('a number of bytes may end in k, m, g or t, and is told for people; another number may not', () => {
    expect(settingValue(limits.bytesPerSec, '5k')).toBe(5120);
    expect(settingValue(limits.bytesPerSec, '2 G')).toBe(2 * 1024 ** 3);
    expect(settingValue(limits.burstSeconds, '2k')).toBeUndefined();
    expect([
      settingSize(limits.bytesPerSec, '5m'),
      settingSize(limits.burstSeconds, '5000'),
      settingSize(limits.bytesPerSec, ''),
    ]).toEqual(['5.0 MiB', '', '']);
  });

  test('an empty field is off where there is such a thing, else no value', () => {
    expect(settingValue(limits.bytesPerSec, '')).toBeNull();
    expect(settingValue(limits.burstSeconds, '')).toBeUndefined();
    expect(settingValue(lineSections.schedule.windowOpen, '22:00')).toBe('22:00');
    expect(settingValue(lineSections.schedule.windowOpen, '25:00')).toBeUndefined();
  });

  test('names are read as words, ranges with their unit', () => {
    expect(settingLabel('bytesPerSec')).toBe('Bytes per sec');
    expect(settingLabel('isStartEnabled')).toBe('Start enabled');
    expect(settingShape(limits.burstSeconds)).toBe('1 to 86,400 seconds');
    expect(settingShape(limits.bytesPerSec)).toContain('empty for off');
  });

  test('a script writes what the scanner reads as one word', () => {
    expect(settingScript(null)).toBe('off');
    expect(settingScript(true)).toBe('yes');
    expect(settingScript('22:00')).toBe('22:00');
    expect(settingScript('say "when", now')).toBe('"say ""when"", now"');
  });
});
