import type {
  Admission,
  CallInput,
  ConnectionSettingsChange,
  ConnectionSnapshot,
  MapSpec,
  MirrorOptions,
  Offer,
  RestoreSnapshot,
  ServiceCaller,
} from '../api/index.ts';
import { ReplicationError, toReplicationError } from '../base/index.ts';
import { isLoopback, parseAddress } from './address.ts';

export interface EstablishOptions {
  readonly setName: string;
  readonly map: MapSpec;
  readonly mirror: MirrorOptions | null;
  /** What is not to be at its default. */
  readonly settings?: ConnectionSettingsChange | undefined;
  /** The host under which the client knows the target. */
  readonly targetHost: string;
  /** The same for the source; left out when both are known to be on one machine. */
  readonly sourceHost?: string;
  /** The name that people use for the target, if not its own. */
  readonly targetName?: string;
}

/**
 * Makes a connection as an administrator of both servers: the source prepares an offer, the target admits it, the source stores and starts it.
 * If the last step fails the target forgets the admission again; a failure of that becomes the error's cause and is not thrown.
 */
export async function establishConnection(
  source: ServiceCaller,
  target: ServiceCaller,
  options: EstablishOptions,
): Promise<ConnectionSnapshot> {
  const { setName, map, mirror, settings } = options;
  const { fingerprint, dataAddress } = await target.call('server.info', null);
  const targetHost = dataHost(dataAddress, options);
  const offer = await source.call('connection.prepare', { setName, map, targetFingerprint: fingerprint });
  return whenAdmitted(target, offer, options, (admission) =>
    source.call('connection.create', { offer, admission, targetHost, mirror, settings }),
  );
}

export interface RestoreOptions
  extends
    Pick<EstablishOptions, 'sourceHost' | 'targetHost' | 'targetName'>,
    Pick<CallInput<'restore.start'>, 'choice' | 'overwrite' | 'checksum' | 'owners' | 'plan' | 'drill'> {}

/**
 * Begins a restore as an administrator of both servers: `holder` has the replica or folder and sends, `receiver` admits. Their hosts are those of
 * `EstablishOptions`, with the holder as the source. Undone in the same manner.
 */
export async function establishRestore(
  holder: ServiceCaller,
  receiver: ServiceCaller,
  { sourceHost, targetHost, targetName, ...order }: RestoreOptions,
): Promise<RestoreSnapshot> {
  const hosts = { targetHost, ...(sourceHost !== undefined && { sourceHost }), ...(targetName !== undefined && { targetName }) };
  const { fingerprint, dataAddress } = await receiver.call('server.info', null);
  const receiverHost = dataHost(dataAddress, hosts);
  const { choice } = order;
  const { offer } = await holder.call('restore.prepare', { choice, receiverFingerprint: fingerprint });
  return whenAdmitted(receiver, offer, hosts, (admission) =>
    holder.call('restore.start', { ...order, offer, admission, receiverHost }),
  );
}

type Hosts = Pick<EstablishOptions, 'sourceHost' | 'targetHost' | 'targetName'>;

/** Lets the target admit an offer and goes on; it forgets the admission again if that fails. */
async function whenAdmitted<T>(
  target: ServiceCaller,
  offer: Offer,
  { targetHost, targetName }: Hosts,
  goOn: (admission: Admission) => Promise<T>,
): Promise<T> {
  const admission = await target.call('replica.admit', { offer }).catch((error: unknown) => {
    // Two servers take part, and only we know what people call this one.
    const { code, details } = toReplicationError(error);
    throw new ReplicationError(code, { server: targetName ?? targetHost, ...details }, { cause: error });
  });
  try {
    return await goOn({ ...admission, targetName: targetName ?? admission.targetName });
  } catch (error) {
    await target.call('replica.release', { connectionId: offer.connectionId }).catch((releaseError: unknown) => {
      const coded = toReplicationError(error);
      coded.cause ??= releaseError;
    });
    throw error;
  }
}

/** Where the source finds the target's data port: an address that port is bound to, else the host that the client uses for the target. */
function dataHost(dataAddress: string, { targetHost, sourceHost = targetHost }: Hosts): string {
  const bound = parseAddress(dataAddress, 0).host;
  if (!isLoopback(bound) && bound !== '0.0.0.0' && bound !== '::') return bound;
  const isSameMachine = sourceHost === targetHost || (isLoopback(sourceHost) && isLoopback(targetHost));
  if (isSameMachine) return isLoopback(bound) ? bound : targetHost;
  // Loopback means another machine to each machine: the source would look for the target on itself.
  if (!isLoopback(bound) && !isLoopback(targetHost)) return targetHost;
  throw new ReplicationError('bad-input', {
    text: `${sourceHost} cannot reach a target that is known here as ${targetHost} and listens on ${dataAddress}; run a service that listens on the network and add it under the host name that the source uses for it`,
  });
}
