import type { ChangeOf, SettingsOf } from '../api/index.ts';

/** The settings with the change laid over them; what the change leaves out stays. */
export function changed<S>(settings: SettingsOf<S>, change: ChangeOf<S>): SettingsOf<S> {
  const next: Record<string, object> = { ...settings };
  for (const [section, values] of Object.entries<object | undefined>(change)) {
    const given = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
    next[section] = { ...next[section], ...Object.fromEntries(given) };
  }
  return next as SettingsOf<S>; // the change has no other sections, names and types than the settings
}
