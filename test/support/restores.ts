import type { CallInput, PlanEntry, RestoreChoice, RestoreSnapshot } from '../../src-main/api/index.ts';
import { planEntries } from '../../src-main/dtcl/restores.ts';
import { eventually } from './eventually.ts';
import type { ServicePair } from './service-pair.ts';

type Order = Partial<Omit<CallInput<'restore.start'>, 'choice'>>;

/** Restores of a pair, as an administrator of both orders them: the target holds the data, the source receives them. */
export class PairRestores {
  readonly #pair: ServicePair;

  constructor(pair: ServicePair) {
    this.#pair = pair;
  }

  async begin(choice: RestoreChoice, order: Order = {}): Promise<RestoreSnapshot> {
    const receiverFingerprint = this.#pair.services.source.fingerprint;
    const { offer } = await this.#pair.call('target', 'restore.prepare', { choice, receiverFingerprint });
    const admission = await this.#pair.call('source', 'replica.admit', { offer });
    const how = { overwrite: 'different', checksum: false, owners: 'number', plan: false, drill: null } as const;
    return this.#pair.call('target', 'restore.start', { choice, offer, admission, receiverHost: '127.0.0.1', ...how, ...order });
  }

  async when(id: string, what: string, isTrue: (restore: RestoreSnapshot) => boolean): Promise<RestoreSnapshot> {
    let last: RestoreSnapshot | null = null;
    const look = async () => {
      last = (await this.#pair.call('target', 'restore.get', { restoreId: id })).restore;
      return isTrue(last) ? last : null;
    };
    return eventually(what, look, 30_000).catch((error: unknown) => {
      throw new Error(`${what}: ${JSON.stringify(last)} ${this.#pair.logs()}`, { cause: error });
    });
  }

  ended(id: string): Promise<RestoreSnapshot> {
    return this.when(id, 'the restore ends', ({ state }) => state === 'done');
  }

  async run(choice: RestoreChoice, order: Order = {}): Promise<RestoreSnapshot> {
    return this.ended((await this.begin(choice, order)).id);
  }

  /** `create /a: not on the target`, with paths below the folder here. */
  async planned(restore: RestoreSnapshot, below: string): Promise<string[]> {
    const call = this.#pair.call.bind(this.#pair, 'target') as Parameters<typeof planEntries>[0]['call'];
    const entries: PlanEntry[] = [];
    for await (const entry of planEntries({ call }, restore)) entries.push(entry);
    return entries.map(({ action, path, reason }) => `${action} ${path.slice(below.length)}: ${reason}`).sort();
  }
}
