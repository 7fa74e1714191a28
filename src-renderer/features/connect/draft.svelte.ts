import type { ConnectionSnapshot, MappedRoot, MapSpec, MirrorOptions, SetRule } from '../../../src-main/api/index.ts';
import { toCallFailure, type CallFailure } from '../../api/index.ts';
import type { Console } from '../../stores/console.svelte.ts';
import { MirrorChoice } from '../connections/mirror-choice.svelte.ts';
import { trimPath } from '../folders/paths.ts';

/** A connection that is being put together, step by step; nothing exists until `start`. */
export class ConnectionDraft {
  readonly #model: Console;
  sourceId = $state('');
  dataKind = $state<'saved' | 'new'>('saved');
  savedSetName = $state('');
  newSetName = $state('');
  newRules = $state.raw<readonly SetRule[]>([]);
  targetId = $state('');
  mapKind = $state<MapSpec['kind']>('base');
  base = $state('');
  pairs = $state.raw<readonly { readonly from: string; readonly to: string }[]>([{ from: '', to: '' }]);
  readonly mirrorChoice = new MirrorChoice();
  #isWithoutMirror = $state(false);
  #createdName = $state<string | null>(null);

  constructor(model: Console) {
    this.#model = model;
  }

  readonly setName = $derived(this.dataKind === 'saved' ? this.savedSetName : this.newSetName.trim());
  /** The set that an earlier, failed start created; a second start goes on with it. */
  get createdName(): string | null {
    return this.#createdName;
  }

  /** True when the replica goes to the server that holds the originals. */
  readonly isSameServer = $derived(this.sourceId !== '' && this.sourceId === this.targetId);

  get rules(): readonly SetRule[] {
    if (this.dataKind === 'new') return this.newRules;
    return this.#model.services.setsOf(this.sourceId).find((set) => set.name === this.savedSetName)?.rules ?? [];
  }

  /** The map as typed so far; null while a part is missing. */
  get map(): MapSpec | null {
    switch (this.mapKind) {
      case 'exact':
        return { kind: 'exact' };
      case 'base': {
        const base = trimPath(this.base);
        return base === '' ? null : { kind: 'base', base };
      }
      case 'pairs': {
        const pairs = this.pairs.map((pair) => ({ from: trimPath(pair.from), to: trimPath(pair.to) }));
        return pairs.length === 0 || pairs.some((pair) => pair.from === '' || pair.to === '') ? null : { kind: 'pairs', pairs };
      }
    }
  }

  get mirrorKind(): MirrorOptions['kind'] | 'none' {
    return this.#isWithoutMirror ? 'none' : this.mirrorChoice.kind;
  }

  set mirrorKind(kind: MirrorOptions['kind'] | 'none') {
    this.#isWithoutMirror = kind === 'none';
    if (kind !== 'none') this.mirrorChoice.kind = kind;
  }

  get mirror(): MirrorOptions | null {
    return this.#isWithoutMirror ? null : this.mirrorChoice.options;
  }

  /** Where the files would arrive; rejects with the reason why this cannot be. */
  async preview(map: MapSpec): Promise<readonly MappedRoot[]> {
    return this.#model.call(this.sourceId, 'connection.preview', { rules: this.rules, map });
  }

  /** Makes and saves the set if it is new, then connects it. A failure leaves the draft as it was, to be corrected and started again. */
  async start(): Promise<ConnectionSnapshot> {
    const map = this.map;
    if (map === null) throw toCallFailure(new Error('a connection was started without a map'));
    if (this.dataKind === 'new') await this.#saveNewSet();
    const connection = await this.#model.link.invoke('replication.connect', {
      sourceId: this.sourceId,
      targetId: this.targetId,
      setName: this.setName,
      map,
      mirror: this.mirror,
    });
    this.#model.services.place(this.sourceId, connection);
    return connection;
  }

  async #saveNewSet(): Promise<void> {
    const name = this.setName;
    if (this.#createdName !== name) {
      await this.#model.call(this.sourceId, 'set.create', { name });
      this.#createdName = name;
    }
    await this.#model.call(this.sourceId, 'set.replace-rules', { name, rules: this.rules });
    await this.#model.call(this.sourceId, 'set.save', { name });
  }
}

/** The step where a person can put a failed start right. */
export function stepToCorrect(failure: CallFailure): 'data' | 'target' | 'place' | null {
  switch (failure.code) {
    case 'map-missing':
    case 'map-invalid':
    case 'map-loop':
    case 'permission-denied':
    case 'read-only':
    case 'not-a-folder':
    case 'disk-full':
    case 'bad-path':
    case 'volume-unknown':
    case 'outside-root':
      return 'place';
    case 'not-found':
    case 'unknown-set':
    case 'set-exists':
    case 'set-unsaved':
    case 'set-empty':
      return 'data';
    case 'unreachable':
    case 'link-lost':
    case 'not-logged-in':
    case 'not-allowed':
    case 'unknown-server':
      return 'target';
    default:
      return null;
  }
}
