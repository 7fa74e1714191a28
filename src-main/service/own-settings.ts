import type { ServiceSettings, ServiceSettingsChange } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { SettingsFile } from '../config/index.ts';
import type { Replicator } from '../engine/connection/index.ts';
import { changed } from './change-settings.ts';
import type { StoredServer } from './stored.ts';

/** The settings of this service itself. On disk before the engine hears of them. */
export class OwnSettings {
  readonly #file: SettingsFile<StoredServer>;
  readonly #replicator: Pick<Replicator, 'checkService' | 'configureService'>;

  constructor(file: SettingsFile<StoredServer>, replicator: Pick<Replicator, 'checkService' | 'configureService'>) {
    this.#file = file;
    this.#replicator = replicator;
  }

  get value(): ServiceSettings {
    return this.#file.value.settings;
  }

  /** Throws `bad-input` for a time zone that this system does not know. */
  async configure(change: ServiceSettingsChange): Promise<ServiceSettings> {
    checkTimeZone(change.clock?.timeZone ?? null);
    await this.#file.update((server) => {
      const settings = changed(server.settings, change);
      this.#replicator.checkService(settings);
      return { ...server, settings };
    });
    this.#replicator.configureService(this.value);
    return this.value;
  }
}

function checkTimeZone(timeZone: string | null): void {
  if (timeZone === null) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (cause) {
    throw new ReplicationError('bad-input', { text: `this system knows no time zone “${timeZone}”` }, { cause });
  }
}
