export type ThemeChoice = 'system' | 'light' | 'dark';

const STORAGE_KEY = 'understudy.theme';

/** Light or dark: the person's choice, or the system's as it changes. */
export class Theme {
  #choice = $state<ThemeChoice>('system');
  #isSystemDark = $state(false);
  readonly #storage: Storage;
  readonly isDark = $derived(this.#choice === 'system' ? this.#isSystemDark : this.#choice === 'dark');

  constructor(storage: Storage, systemIsDark: MediaQueryList) {
    this.#storage = storage;
    const stored = storage.getItem(STORAGE_KEY);
    if (stored === 'light' || stored === 'dark') this.#choice = stored;
    this.#isSystemDark = systemIsDark.matches;
    systemIsDark.addEventListener('change', (event) => (this.#isSystemDark = event.matches));
  }

  get choice(): ThemeChoice {
    return this.#choice;
  }

  choose(choice: ThemeChoice): void {
    this.#choice = choice;
    this.#storage.setItem(STORAGE_KEY, choice);
  }
}
