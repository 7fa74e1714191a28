import { connectionSections, lineSections, replicaSections, serviceSections } from '../api/index.ts';
import type { Sections, Setting, SettingValue } from '../api/index.ts';
import { closest } from './closest.ts';
import { BAD_PARAMETER } from './problem.ts';
import { ScriptFailure } from './script-failure.ts';
import { asInteger, showValue, type Value } from './values.ts';

/** Whose a setting is: see api/settings.ts. */
export type SettingScope = 'connection' | 'line' | 'replica' | 'service';

/** One setting as scripts name it. */
export interface NamedSetting {
  readonly scope: SettingScope;
  readonly section: string;
  readonly name: string;
  readonly full: string;
  readonly setting: Setting<SettingValue>;
}

/** Every setting there is, in the order of the sections. */
export const allSettings: readonly NamedSetting[] = [
  ...named('connection', connectionSections),
  ...named('line', lineSections),
  ...named('replica', replicaSections),
  ...named('service', serviceSections),
];

/** The settings that a word names: one in full, or all of a section. Empty when it names none. */
export function settingsNamed(word: string, scopes: readonly SettingScope[]): readonly NamedSetting[] {
  const wanted = word.toLowerCase();
  return allSettings.filter(
    ({ scope, section, full }) => scopes.includes(scope) && (full.toLowerCase() === wanted || section.toLowerCase() === wanted),
  );
}

/** The sentence for a name that is none. */
export function unknownSetting(word: string, scopes: readonly SettingScope[]): string {
  const known = allSettings.filter(({ scope }) => scopes.includes(scope)).map(({ full }) => full);
  const guess = closest(
    word,
    known.map((full) => full.toLowerCase()),
  );
  const meant = known.find((full) => full.toLowerCase() === guess);
  return `there is no setting "${word}"${meant === undefined ? '; "get" shows them all' : `; did you mean "${meant}"?`}`;
}

/** A value as a person typed it. Throws -101 for what it is not, -122 for what is out of range; both say what is allowed. */
export function readSetting({ full, setting: { form } }: NamedSetting, given: Value): SettingValue {
  const typed = showValue(given);
  if ('orOff' in form && form.orOff && typed.toLowerCase() === 'off') return null;
  const orOff = 'orOff' in form && form.orOff ? ', or off' : '';
  const refuse = (what: string) => new ScriptFailure(BAD_PARAMETER, `${full} takes ${what}${orOff}, not "${typed}".`);
  switch (form.kind) {
    case 'integer': {
      const value = asSize(given);
      const unit = form.unit === '' ? '' : ` ${form.unit}`;
      if (value === null) throw refuse(`a whole number${form.unit === '' ? '' : ` of ${form.unit}`}`);
      if (value >= form.least && value <= form.most) return value;
      throw new ScriptFailure(-122, `${full}: ${value}${unit}; between ${form.least} and ${form.most} are allowed${orOff}.`);
    }
    case 'yes-no':
      if (['yes', 'on', 'true', '1'].includes(typed.toLowerCase())) return true;
      if (['no', 'off', 'false', '0'].includes(typed.toLowerCase())) return false;
      throw refuse('yes or no');
    case 'choice': {
      const found = form.choices.find((choice) => choice.toLowerCase() === typed.toLowerCase());
      if (found === undefined) throw refuse(form.choices.join(', '));
      return found;
    }
    case 'text':
      if (!form.pattern.test(typed)) throw refuse(form.shape);
      return typed;
  }
}

/** As `readSetting` takes it. */
export function showSetting(value: SettingValue): string {
  if (value === null) return 'off';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

const multipliers: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** A whole number, or one with k, m, g or t behind it (times 1024). Null for anything else. */
export function asSize(value: Value): number | null {
  const match = /^(\d{1,12})([kmgt])$/i.exec(showValue(value));
  return match === null ? asInteger(value) : Number(match[1]) * (multipliers[match[2]?.toLowerCase() ?? ''] ?? 1);
}

function named(scope: SettingScope, sections: Sections): readonly NamedSetting[] {
  return Object.entries(sections).flatMap(([section, settings]) =>
    Object.entries(settings).map(([name, setting]) => ({ scope, section, name, full: `${section}.${name}`, setting })),
  );
}
