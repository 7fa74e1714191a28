import { SvelteMap } from 'svelte/reactivity';
import type { Sections, SettingValue } from '../../../src-main/api/index.ts';
import { settingScript, settingText, settingValue } from '../../text/setting-words.ts';

/** Values by section and name, as a snapshot has them. */
export type SettingValues = Readonly<Record<string, Readonly<Record<string, SettingValue>>>>;

/**
 * What a person has typed over the values in force. Only what was typed is kept, so a value that somebody else changes meanwhile shows at
 * once, and saving sends the typed ones alone.
 */
export class SettingEdits {
  readonly #sections: () => Sections;
  readonly #values: () => SettingValues;
  /** `section.name` → typed text. */
  readonly #typed = new SvelteMap<string, string>();

  constructor(sections: () => Sections, values: () => SettingValues) {
    this.#sections = sections;
    this.#values = values;
  }

  text(section: string, name: string): string {
    return this.#typed.get(`${section}.${name}`) ?? settingText(this.#values()[section]?.[name] ?? null);
  }

  type(section: string, name: string, text: string): void {
    const key = `${section}.${name}`;
    if (text === settingText(this.#values()[section]?.[name] ?? null)) this.#typed.delete(key);
    else this.#typed.set(key, text);
  }

  isChanged(section: string, name: string): boolean {
    return this.#typed.has(`${section}.${name}`);
  }

  isWrong(section: string, name: string): boolean {
    const typed = this.#typed.get(`${section}.${name}`);
    return typed !== undefined && this.#valueOf(section, name, typed) === undefined;
  }

  /** Whether anything was typed that is not in force. */
  get isDirty(): boolean {
    return this.#typed.size > 0;
  }

  /** True when one of the typed texts is no value. */
  get hasWrong(): boolean {
    return [...this.#typed].some(([key, typed]) => this.#valueOf(...split(key), typed) === undefined);
  }

  /** The typed values by section, for a call; wrong ones are left out. */
  get change(): SettingValues {
    const change: Record<string, Record<string, SettingValue>> = {};
    for (const [key, typed] of this.#typed) {
      const [section, name] = split(key);
      const value = this.#valueOf(section, name, typed);
      if (value !== undefined) (change[section] ??= {})[name] = value;
    }
    return change;
  }

  /** The same as commands of the scripting language. */
  script(subject: string): readonly string[] {
    return Object.entries(this.change).flatMap(([section, values]) =>
      Object.entries(values).map(([name, value]) => `set ${subject} ${section}.${name} = ${settingScript(value)};`),
    );
  }

  discard(): void {
    this.#typed.clear();
  }

  #valueOf(section: string, name: string, typed: string): SettingValue | undefined {
    const setting = this.#sections()[section]?.[name];
    return setting === undefined ? undefined : settingValue(setting, typed);
  }
}

function split(key: string): [section: string, name: string] {
  const at = key.indexOf('.');
  return [key.slice(0, at), key.slice(at + 1)];
}
