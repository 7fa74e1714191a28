import type { SettingsFile } from '../../src-main/config/index.ts';

/** A settings file without a disk. */
export function memoryFile<T extends object>(initial: T): SettingsFile<T> {
  let value = initial;
  return {
    get value() {
      return value;
    },
    update: async (change) => {
      await Promise.resolve();
      value = change(value);
    },
    settled: () => Promise.resolve(),
  };
}
