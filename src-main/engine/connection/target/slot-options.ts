import type { BlockHasher, VolumeFlushes } from '../../fs/index.ts';
import type { AbsolutePath } from '../../model/index.ts';
import type { EngineEvent, ReplicaSpec } from '../replicator-api.ts';
import type { ApplyTurns } from './apply-turns.ts';
import type { CertifierParts } from './certifier.ts';
import type { LeftoversParts } from './leftovers.ts';

/** What an admitted replica needs of the server that holds it. */
export interface SlotOptions {
  readonly spec: ReplicaSpec;
  /** The folder of all queues. */
  readonly folder: string;
  readonly hasher: BlockHasher;
  /** Shared by all replicas of this server. */
  readonly flushes: VolumeFlushes;
  /** The same. */
  readonly turns: ApplyTurns;
  readonly leftovers: Pick<LeftoversParts, 'records' | 'kept' | 'otherRoots'>;
  /** What certificates of it are made with. */
  readonly proof: Pick<CertifierParts, 'recordsFile' | 'certificates' | 'signer'>;
  /** The list of snapshots. */
  readonly snapshots: string;
  /** Null when the replica's places may be opened; else resolves when they may, or rejects with what keeps them closed. */
  readonly beforeOpen: (places: readonly AbsolutePath[]) => Promise<void> | null;
  readonly onChanged: () => void;
  readonly onEvent: (event: EngineEvent) => void;
  /** The replica was given up, by the source or by `release`; the slot is over. */
  readonly onReleased: () => void;
}
