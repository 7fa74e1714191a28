import { initialLineSettings, type CallInput, type LineSnapshot } from '../api/index.ts';
import type { SettingsFile } from '../config/index.ts';
import type { Replicator } from '../engine/connection/index.ts';
import { changed } from './change-settings.ts';
import type { StoredConnections, StoredLine } from './stored.ts';

/** What this server, as a source, shares between all its connections to one target. On disk before the engine hears of it. */
export class Lines {
  readonly #file: SettingsFile<StoredConnections>;
  readonly #replicator: Pick<Replicator, 'configureLine' | 'lines'>;

  constructor(file: SettingsFile<StoredConnections>, replicator: Pick<Replicator, 'configureLine' | 'lines'>) {
    this.#file = file;
    this.#replicator = replicator;
  }

  /** To be called before connections are opened. */
  configureStored(): void {
    for (const { targetFingerprint, settings } of this.#file.value.lines) {
      this.#replicator.configureLine(targetFingerprint, settings);
    }
  }

  list(): readonly LineSnapshot[] {
    return this.#replicator.lines();
  }

  async configure({ targetFingerprint, settings: change }: CallInput<'line.configure'>): Promise<LineSnapshot> {
    await this.#file.update((value) => {
      const others = value.lines.filter((line) => line.targetFingerprint !== targetFingerprint);
      const old = this.#find(value, targetFingerprint)?.settings ?? initialLineSettings;
      return { ...value, lines: [...others, { targetFingerprint, settings: changed(old, change) }] };
    });
    const { settings } = this.#find(this.#file.value, targetFingerprint) ?? { settings: initialLineSettings };
    return this.#replicator.configureLine(targetFingerprint, settings);
  }

  #find(value: StoredConnections, targetFingerprint: string): StoredLine | undefined {
    return value.lines.find((line) => line.targetFingerprint === targetFingerprint);
  }
}
