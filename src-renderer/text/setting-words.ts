import type { Setting, SettingValue } from '../../src-main/api/index.ts';
import { bytes } from './format.ts';
import { scriptWord } from './scripts.ts';

/** The name of a setting or section as a person reads it: `bytesPerSec` is `Bytes per sec`, `isStartEnabled` is `Start enabled`. */
export function settingLabel(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const meant = words.replace(/^is /, '');
  return meant.slice(0, 1).toUpperCase() + meant.slice(1);
}

/** What a field shows for a value; nothing stands for off. */
export function settingText(value: SettingValue): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

/** What may be typed, in a few words; null where the field itself shows all choices. */
export function settingShape({ form }: Setting<SettingValue>): string | null {
  switch (form.kind) {
    case 'integer': {
      const range = `${form.least.toLocaleString('en-GB')} to ${form.most.toLocaleString('en-GB')}`;
      const unit = form.unit === '' ? '' : ` ${form.unit}`;
      return `${range}${unit}${form.orOff ? ', or empty for off' : ''}`;
    }
    case 'text':
      return `${form.shape}${form.orOff ? ', or empty for off' : ''}`;
    case 'yes-no':
    case 'choice':
      return null;
  }
}

/** The value that a typed text stands for, or undefined when it is none. */
export function settingValue(setting: Setting<SettingValue>, typed: string): SettingValue | undefined {
  const { form, schema } = setting;
  const words = typed.trim();
  const value = form.kind === 'integer' ? integerOf(words, form.unit) : form.kind === 'yes-no' ? words === 'yes' : words;
  const meant = words === '' && (form.kind === 'integer' || form.kind === 'text') && form.orOff ? null : value;
  const parsed = schema.safeParse(meant);
  return parsed.success ? parsed.data : undefined;
}

/** Numbers of bytes may end in k, m, g or t, as in scripts. */
function integerOf(words: string, unit: string): number {
  const [, digits, suffix = ''] = /^(-?\d{1,16})\s*([kmgt]?)$/i.exec(words) ?? [];
  if (digits === undefined || (suffix !== '' && !unit.startsWith('bytes'))) return Number.NaN;
  return Number(digits) * 1024 ** ' kmgt'.indexOf(suffix === '' ? ' ' : suffix.toLowerCase());
}

/** What a number of bytes comes to, for people: `32.0 MiB`; '' for what is none, or too small to need it. */
export function settingSize({ form, schema }: Setting<SettingValue>, typed: string): string {
  if (form.kind !== 'integer' || !form.unit.startsWith('bytes')) return '';
  const value = integerOf(typed.trim(), form.unit);
  return schema.safeParse(value).success && value >= 1024 ? bytes(value) : '';
}

/** A value as a script writes it. */
export function settingScript(value: SettingValue): string {
  if (value === null) return 'off';
  if (typeof value === 'string') return scriptWord(value);
  return settingText(value);
}
