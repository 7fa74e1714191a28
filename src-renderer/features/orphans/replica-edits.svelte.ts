import { replicaSections, type ConnectionSnapshot, type KnownServer, type ReplicaSnapshot } from '../../../src-main/api/index.ts';
import type { Console } from '../../stores/console.svelte.ts';
import { scriptWord } from '../../text/scripts.ts';
import { SettingEdits } from '../settings/setting-edits.svelte.ts';

/** The settings of a connection's replica, for a dialog at its source: they can be changed where the target is known and logged in to. */
export class ReplicaEdits {
  readonly #model: Console;
  readonly #connection: () => ConnectionSnapshot;
  readonly edits: SettingEdits;

  constructor(model: Console, connection: () => ConnectionSnapshot) {
    this.#model = model;
    this.#connection = connection;
    this.edits = new SettingEdits(
      () => replicaSections,
      () => this.replica?.settings ?? {},
    );
  }

  get target(): KnownServer | undefined {
    return this.#model.services.targetOf(this.#connection());
  }

  get replica(): ReplicaSnapshot | undefined {
    return this.#model.services.replicaOf(this.#connection());
  }

  /** Why nothing can be changed here; null when it can. */
  get disabledBecause(): string | null {
    const { targetName } = this.#connection();
    if (this.replica === undefined || this.target === undefined)
      return `What becomes of them is set on ${targetName}, which this console does not reach now. Log in to it to change that.`;
    if (!this.#model.services.isAdmin(this.target.id))
      return `What becomes of them is set on ${targetName}, where you are a monitor. An administrator can change that.`;
    return null;
  }

  /** Whether what was typed can be ordered. Moving needs a folder. */
  get isWrong(): boolean {
    if (this.disabledBecause !== null) return false;
    return (
      this.edits.hasWrong ||
      (this.edits.text('orphans', 'action') === 'move' && this.edits.text('orphans', 'moveTo').trim() === '')
    );
  }

  /** Commands that change what was changed; they need a login to the target. */
  get script(): readonly string[] {
    return this.edits.script(String(this.#connection().number));
  }

  /** Stores what was changed on the target. */
  async save(): Promise<void> {
    const { replica, target } = this;
    if (!this.edits.isDirty || replica === undefined || target === undefined) return;
    await this.#model.call(target.id, 'replica.configure', {
      connectionId: replica.connectionId,
      settings: this.edits.change,
    });
    this.edits.discard();
  }

  /** The logins that the script needs besides the source's. */
  get loginNote(): string {
    return this.edits.isDirty && this.target !== undefined
      ? `It needs a login to ${scriptWord(this.target.name)} as well: what becomes of orphans is kept there.`
      : '';
  }
}
