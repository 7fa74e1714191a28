import { z } from './schema.ts';

/** How a setting's value is typed and shown. `orOff`: the word `off` stands for null, no such limit. */
export type SettingForm =
  | { readonly kind: 'integer'; readonly least: number; readonly most: number; readonly unit: string; readonly orOff: boolean }
  | { readonly kind: 'yes-no' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'text'; readonly shape: string; readonly pattern: RegExp; readonly orOff: boolean };

export type SettingValue = number | string | boolean | null;

/** One setting: its default, what it does in one sentence, and what it may be. */
export interface Setting<T extends SettingValue> {
  readonly initial: T;
  readonly about: string;
  readonly form: SettingForm;
  readonly schema: z.ZodType<T>;
}

interface IntegerOptions<T> {
  readonly initial: T;
  readonly least: number;
  readonly most: number;
  /** As read after a number: `bytes`, `seconds`, `percent`. */
  readonly unit: string;
  readonly about: string;
}
interface TextOptions<T> {
  readonly initial: T;
  readonly pattern: RegExp;
  /** What fits the pattern, for people: `HH:MM`. */
  readonly shape: string;
  readonly about: string;
}

export function integer({ initial, about, ...range }: IntegerOptions<number>): Setting<number> {
  const { least, most } = range;
  return { initial, about, form: { kind: 'integer', ...range, orOff: false }, schema: z.int().min(least).max(most) };
}

export function integerOrOff({ initial, about, ...range }: IntegerOptions<number | null>): Setting<number | null> {
  const { least, most } = range;
  return { initial, about, form: { kind: 'integer', ...range, orOff: true }, schema: z.int().min(least).max(most).nullable() };
}

export function yesNo({ initial, about }: { readonly initial: boolean; readonly about: string }): Setting<boolean> {
  return { initial, about, form: { kind: 'yes-no' }, schema: z.boolean() };
}

export function choice<const C extends string>(options: {
  readonly initial: NoInfer<C>;
  readonly choices: readonly [C, ...C[]];
  readonly about: string;
}): Setting<C> {
  const { initial, choices, about } = options;
  return { initial, about, form: { kind: 'choice', choices }, schema: z.literal(choices) };
}

export function text({ initial, about, pattern, shape }: TextOptions<string>): Setting<string> {
  return { initial, about, form: { kind: 'text', pattern, shape, orOff: false }, schema: z.string().max(4096).regex(pattern) };
}

export function textOrOff({ initial, about, pattern, shape }: TextOptions<string | null>): Setting<string | null> {
  const schema = z.string().max(4096).regex(pattern).nullable();
  return { initial, about, form: { kind: 'text', pattern, shape, orOff: true }, schema };
}

/** Settings by section, then by name. */
type SectionOf = Readonly<Record<string, Setting<SettingValue>>>;
export type Sections = Readonly<Record<string, SectionOf>>;
type ValueOf<F> = F extends { readonly initial: infer T } ? T : never;
/** Every setting with its value. */
export type SettingsOf<S> = { readonly [K in keyof S]: { readonly [F in keyof S[K]]: ValueOf<S[K][F]> } };
/** Some settings of some sections, each with its new value. */
export type ChangeOf<S> = { readonly [K in keyof S]?: { readonly [F in keyof S[K]]?: ValueOf<S[K][F]> | undefined } | undefined };

/** All settings at their defaults. */
export function initialOf<S extends Sections>(sections: S): SettingsOf<S> {
  const initial = mapValues<SectionOf, unknown>(sections, (section) => mapValues(section, (setting) => setting.initial));
  return initial as SettingsOf<S>; // the loop above is that type, which the compiler cannot see
}

/** The stored form: a setting that is not there has its default, so that a new one needs no migration. */
export function storedSchema<S extends Sections>(sections: S): z.ZodType<SettingsOf<S>> {
  const schema: z.ZodType = z.strictObject(mapValues<SectionOf, z.ZodType>(sections, storedSection)).prefault({});
  return schema as z.ZodType<SettingsOf<S>>;
}

/** The same of one section. */
export function storedSection<S extends SectionOf>(section: S): z.ZodType<SettingsOf<{ section: S }>['section']> {
  const settings = mapValues<Setting<SettingValue>, z.ZodType>(section, (setting) => setting.schema.default(setting.initial));
  const schema: z.ZodType = z.strictObject(settings).prefault({});
  return schema as z.ZodType<SettingsOf<{ section: S }>['section']>;
}

/** What a call may change: each section and setting may be left out; unknown names are refused. */
export function changeSchema<S extends Sections>(sections: S): z.ZodType<ChangeOf<S>> {
  const section = (settings: SectionOf) => z.strictObject(mapValues(settings, (setting) => setting.schema.optional())).optional();
  const schema: z.ZodType = z.strictObject(mapValues(sections, section));
  return schema as z.ZodType<ChangeOf<S>>;
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, map: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
