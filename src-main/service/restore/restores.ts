import { randomUUID } from 'node:crypto';
import { initialConnectionSettings } from '../../api/index.ts';
import type {
  CallInput,
  CallResult,
  Offer,
  ReplicaSnapshot,
  RestoreChoice,
  RestoreReport,
  RestoreSample,
  RestoreSnapshot,
} from '../../api/index.ts';
import { rawName, ReplicationError } from '../../base/index.ts';
import { runId } from '../../config/index.ts';
import { drawSample, refuseLinks, type ConnectionSpec } from '../../engine/connection/index.ts';
import { changed } from '../change-settings.ts';
import { moved, namesInside, resolveChoice, treesOf } from './choice.ts';
import { mirrorOf, type RestoreParts } from './parts.ts';
import { RestoreReports } from './reports.ts';
import { showEnded, showRestore } from './show.ts';
import { causeOf, giveBack, mixture, takeStep, unless } from './step.ts';
import type { StoredRestore } from './stored.ts';

/** A look at what nobody told of, this often. */
const LOOK_MS = 1_000;
const MOST_NAME = 100;

/** What is restored from this server, as a source of data for once, and the reports of it. What is decided is on disk before it is done. */
export class Restores {
  readonly #parts: RestoreParts;
  readonly #reports: RestoreReports;
  readonly #abort = new AbortController();
  /** Those that are being looked after, and whether something was told meanwhile. */
  readonly #busy = new Map<string, { work: Promise<void>; isAsked: boolean }>();
  /** Null before the connections of the last life are open: what is not there yet would look like ended. */
  #stop: (() => void) | null = null;

  constructor(parts: RestoreParts) {
    this.#parts = parts;
    this.#reports = new RestoreReports(parts.folder);
  }

  /** To be called when connections are open and replicas admitted: what a stop of the service interrupted goes on. */
  start(): void {
    this.#stop = this.#parts.clock.every(LOOK_MS, () => this.changed());
    this.changed();
  }

  async close(): Promise<void> {
    this.#stop?.();
    this.#abort.abort(new ReplicationError('busy', { text: 'the service stops' }));
    await Promise.all([...this.#busy.values()].map(({ work }) => work));
  }

  /** To be called when connections or replicas have changed. */
  changed(): void {
    for (const { id } of this.#stored) this.#lookAfter(id);
  }

  async sample({ from, files, seed: given }: CallInput<'restore.sample'>): Promise<RestoreSample> {
    const { trees } = treesOf(from, this.#parts.replicas.list(), this.#parts.volumes);
    const seed = given ?? randomUUID();
    const folders = trees.map(({ to }) => rawName(to));
    const drawn = await drawSample(folders, seed, files, this.#abort.signal);
    if (drawn.files.length === 0) throw new ReplicationError('bad-input', { text: 'there are no files to draw from' });
    const named = drawn.files.map(({ path, bytes }) => ({ path: onSource(path, trees), bytes }));
    return { seed, files: named, population: drawn.population, unnameable: drawn.unnameable, unreadable: drawn.unreadable };
  }

  prepare({ choice, receiverFingerprint }: CallInput<'restore.prepare'>): CallResult<'restore.prepare'> {
    const { replicas, serverName, fingerprint } = this.#parts;
    const { name, map, roots, inside } = this.#resolve(choice, receiverFingerprint);
    const offer: Offer = {
      connectionId: randomUUID(),
      setName: `restore of ${name}`.slice(0, MOST_NAME),
      sourceName: serverName,
      sourceFingerprint: fingerprint,
      map,
      roots,
      // Data that come back once are no circle.
      lineage: roots.map(() => []),
      namesInside: inside.map(({ there }) => there),
    };
    return { offer, name, warnings: keptWarnings(choice, replicas.list()) };
  }

  async begin(input: CallInput<'restore.start'>, startedBy: string): Promise<RestoreSnapshot> {
    const { choice, offer, admission, overwrite, checksum, plan, drill } = input;
    const { replicator, connections, fingerprint } = this.#parts;
    if (offer.sourceFingerprint !== fingerprint) throw badOffer('it was made by another server');
    // Whatever goes by its id already would be ended with this restore.
    const isUsed =
      connections.has(offer.connectionId) || this.#stored.some(({ connection }) => connection.id === offer.connectionId);
    if (isUsed) throw badOffer('it was used already');
    const { name, rules, roots } = this.#resolve(choice, admission.targetFingerprint);
    const isSame = roots.length === admission.roots.length && roots.every(({ from }, i) => from === admission.roots[i]?.from);
    if (!isSame) throw badOffer('it is of another choice');
    replicator.refuseLoop(rules, admission.roots, admission.disk);
    const { id, startedAt } = this.#newId();
    const restore: StoredRestore = {
      ...{ id, kind: drill === null ? 'restore' : 'drill', name, choice, overwrite, checksum, isPlannedFirst: plan },
      connection: this.#connectionOf(input, rules, startedAt),
      ...{ startedBy, startedAt, state: 'holding', cut: null, cancelledBy: null, drill, plan: null, result: null },
    };
    await this.#parts.file.update(({ restores }) => ({ restores: [...restores, restore] }));
    const what = drill === null ? 'restores' : 'drills the restore of';
    this.#parts.tell('info', `${startedBy} ${what} ${name} to ${admission.targetName}.`, offer.connectionId);
    this.#lookAfter(id);
    return this.#show(restore);
  }

  async go(id: string): Promise<RestoreSnapshot> {
    const restore = this.#require(id);
    if (restore.state !== 'planned')
      throw new ReplicationError('bad-input', { text: `the restore ${id} does not wait for an order: it is ${restore.state}` });
    const options = mirrorOf(restore);
    const order = { kind: 'start-mirror', options } as const;
    await this.#parts.connections.command(restore.connection.id, order).catch(unless('mirror-running'));
    await this.#change(id, { state: 'copying' });
    return this.#show(this.#require(id));
  }

  async cancel(id: string, by: string): Promise<RestoreSnapshot> {
    const { state } = this.#require(id);
    if (state !== 'ending') await this.#change(id, { cancelledBy: by });
    this.#lookAfter(id);
    return this.#show(this.#require(id));
  }

  list(): readonly RestoreSnapshot[] {
    const running = this.#stored.map((restore) => this.#show(restore));
    const ended = this.#reports.list().filter(({ id }) => !running.some((one) => one.id === id));
    return [...running.toReversed(), ...ended].map(brief);
  }

  /** `id` null: the newest. */
  get(id: string | null): RestoreReport {
    const running = id === null ? this.#stored.at(-1) : this.#stored.find((one) => one.id === id);
    if (running === undefined) return this.#reports.get(id);
    return { restore: this.#show(running), sha256: null, isIntact: true };
  }

  /** Throws what is thrown for a choice that cannot be carried out from here. */
  #resolve(choice: RestoreChoice, receiverFingerprint: string) {
    const { replicator, replicas, volumes } = this.#parts;
    const resolved = resolveChoice(choice, replicas.list(), volumes);
    const roots = replicator.prepare(resolved.rules, resolved.map, receiverFingerprint);
    const inside = namesInside(roots, choice, resolved.trees);
    for (const [i, { from }] of roots.entries()) refuseLinks(rawName(from), inside[i]?.here ?? 0);
    return { ...resolved, roots, inside };
  }

  #connectionOf(
    { choice, offer, admission, receiverHost, overwrite, owners }: CallInput<'restore.start'>,
    rules: ConnectionSpec['rules'],
    createdAt: string,
  ): ConnectionSpec {
    const settings = changed(initialConnectionSettings, {
      mirror: { overwrite: overwrite === 'never' ? 'never' : overwrite === 'older' ? 'if-older' : 'always' },
      owners: { by: owners },
      // Whatever somebody removes from the replica meanwhile: a restore never deletes.
      deletes: { isIgnored: true, movesOut: 'keep' },
    });
    return {
      ...{ version: 1, id: offer.connectionId, setName: offer.setName, rules, map: offer.map, roots: admission.roots },
      ...{
        warnings: [...keptWarnings(choice, this.#parts.replicas.list()), ...admission.warnings],
        sourceName: this.#parts.serverName,
        targetName: admission.targetName,
      },
      ...{ targetHost: receiverHost, targetDataPort: admission.dataPort, targetFingerprint: admission.targetFingerprint },
      ...{ createdAt, hold: null, park: null, settings, isMirrorOnly: true },
    };
  }

  /** One after the other for each restore; what is told meanwhile is looked at afterwards. */
  #lookAfter(id: string): void {
    const busy = this.#busy.get(id);
    if (busy !== undefined) {
      busy.isAsked = true;
      return;
    }
    if (this.#stop === null || this.#abort.signal.aborted) return;
    const work = this.#advance(id)
      .catch((error: unknown) => {
        if (!this.#abort.signal.aborted)
          this.#parts.log.warn('a restore could not be looked after', { restore: id, error: String(error) });
      })
      .then(() => {
        const isAsked = this.#busy.get(id)?.isAsked === true;
        this.#busy.delete(id);
        if (isAsked) this.#lookAfter(id);
      });
    this.#busy.set(id, { work, isAsked: false });
  }

  /** As far as it goes now. */
  async #advance(id: string): Promise<void> {
    for (;;) {
      const restore = this.#stored.find((one) => one.id === id);
      if (restore === undefined) return;
      if (restore.state === 'ending') return this.#end(restore);
      const next = await this.#step(restore);
      if (next === null) return;
      await this.#change(id, next);
    }
  }

  async #step(restore: StoredRestore) {
    try {
      return await takeStep(restore, this.#parts, this.#abort.signal);
    } catch (error) {
      this.#abort.signal.throwIfAborted();
      // A certificate that is not one, say, or a replica that was released. What fails for a while is tried again at the next look.
      if (!(error instanceof ReplicationError) || error.retry !== 'never') throw error;
      const facts = { mirror: null, verify: null, problems: [], drill: null, endedAt: new Date().toISOString() };
      return { state: 'ending' as const, result: { ...facts, outcome: 'failed' as const, why: causeOf(error) } };
    }
  }

  async #end(restore: StoredRestore): Promise<void> {
    const { moving, isTold } = await giveBack(restore, this.#parts);
    const ended = { ...restore, result: asGivenBack(restore, moving, isTold) };
    this.#reports.keep(showEnded(ended));
    await this.#parts.file.update(({ restores }) => ({ restores: restores.filter(({ id }) => id !== restore.id) }));
    const { severity, text } = told(ended);
    this.#parts.tell(severity, text, restore.connection.id);
  }

  #show(restore: StoredRestore): RestoreSnapshot {
    const connection = this.#parts.connections.list().find(({ id }) => id === restore.connection.id);
    return showRestore(restore, connection ?? null);
  }

  get #stored(): readonly StoredRestore[] {
    return this.#parts.file.value.restores;
  }

  #require(id: string): StoredRestore {
    const restore = this.#stored.find((one) => one.id === id);
    if (restore !== undefined) return restore;
    this.#reports.get(id); // throws for one that there never was
    throw new ReplicationError('bad-input', { text: `the restore ${id} is over` });
  }

  async #change(id: string, change: Partial<StoredRestore>): Promise<void> {
    await this.#parts.file.update(({ restores }) => ({
      restores: restores.map((one) => (one.id === id ? { ...one, ...change } : one)),
    }));
  }

  #newId(): { readonly id: string; readonly startedAt: string } {
    for (let ms = this.#parts.clock.now(); ; ms++) {
      const startedAt = new Date(ms).toISOString();
      const id = runId(startedAt);
      if (!this.#stored.some((one) => one.id === id) && !this.#reports.has(id)) return { id, startedAt };
    }
  }
}

function badOffer(text: string): ReplicationError {
  return new ReplicationError('bad-input', { text: `the offer cannot be used: ${text}` });
}

function keptWarnings({ from, paths }: RestoreChoice, replicas: readonly ReplicaSnapshot[]): readonly string[] {
  if (from.kind === 'folder' || paths.length > 0) return [];
  const kept = replicas.find(({ connectionId }) => connectionId === from.connectionId)?.kept.count ?? 0;
  if (kept === 0) return [];
  const entries = kept === 1 ? '1 entry' : `${kept} entries`;
  return [`What the source deleted and the replica keeps comes back too, unless paths are chosen: ${entries}.`];
}

/** A list need not carry what each file of each drill was. */
function brief(restore: RestoreSnapshot): RestoreSnapshot {
  const { result } = restore;
  if (result?.drill == null) return restore;
  const sample = { ...result.drill.sample, files: [] };
  return { ...restore, result: { ...result, drill: { ...result.drill, sample, files: [] } } };
}

/** The path on the source of a file here; raw in, text out: it was drawn because its text is exact. */
function onSource(path: string, trees: readonly { readonly from: string; readonly to: string }[]): string {
  const text = Buffer.from(path, 'latin1').toString('utf8');
  const tree = trees.find(({ to }) => text === to || text.startsWith(to === '/' ? '/' : `${to}/`));
  return tree === undefined ? text : moved(text, tree.to, tree.from);
}

/** What became known when it gave back what it had taken. */
function asGivenBack({ result, connection }: StoredRestore, moving: string | null, isTold: boolean): StoredRestore['result'] {
  if (result === null) return null;
  const isMixed = moving !== null && (result.outcome === 'restored' || result.outcome === 'different');
  const known = isMixed ? { ...result, outcome: 'failed' as const, why: mixture(moving) } : result;
  if (isTold) return known;
  const left = `${connection.targetName} could not be told that it is over: it still has its replica (replica release ${connection.id}).`;
  return { ...known, why: `${known.why} ${left}`.trim() };
}

function told({ kind, name, connection, result }: StoredRestore): { severity: 'info' | 'warning' | 'error'; text: string } {
  const what = `The ${kind} of ${name} to ${connection.targetName}`;
  if (result === null) return { severity: 'error', text: `${what} ended without a result.` };
  const { outcome, why, drill } = result;
  if (outcome === 'cancelled') return { severity: 'warning', text: `${what} was cancelled: ${why}` };
  if (outcome === 'failed') return { severity: 'error', text: `${what} failed: ${why}` };
  if (outcome === 'different') return { severity: 'error', text: `${what} is not complete. ${why}` };
  const left = result.mirror?.leftFiles ?? 0;
  if (drill === null && left > 0)
    return {
      severity: 'info',
      text: `${what} is complete; ${left} files that differ were left as they are, every other byte was compared.`,
    };
  if (drill === null) return { severity: 'info', text: `${what} is complete; every byte was compared.` };
  return drill.isPassed
    ? { severity: 'info', text: `${what} passed: ${drill.files.length} files, ${drill.proven} of them proven.` }
    : { severity: 'error', text: `${what} failed: ${drill.failed} of ${drill.files.length} files are not as they should be.` };
}
