import type {
  CallInput,
  ConnectionSettingsChange,
  ConnectionSnapshot,
  MapSpec,
  MirrorOptions,
  RestoreSnapshot,
  ServiceCaller,
} from '../api/index.ts';

/** What a login gives: 0 no access, 1 statistics only, 2 everything. Also the result of the command `login`. */
export type AccessLevel = 0 | 1 | 2;

/** Time as the language sees it; tests turn it by hand. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, and with 0 after other work had its turn; rejects with the reason when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * Everything a script can reach. Server names are as an administrator types them; each method that takes one throws
 * `unknown-server` for a stranger. Failures are ReplicationErrors.
 */
export interface DtclHost {
  readonly version: string;
  readonly clock: Clock;
  /** Known servers, for completion. */
  serverNames(): readonly string[];
  /** The name under which the server is known, in its own spelling. */
  resolve(server: string): string;
  /** The server's pinned fingerprint: by it a source knows its target for certain, whatever people call it. */
  fingerprintOf(server: string): string;
  /** A wrong password is the level 0, not a failure. `stored` takes the kept login or fails with `no-stored-login`. */
  login(server: string, credentials: { readonly user: string; readonly password: string } | 'stored'): Promise<AccessLevel>;
  logout(server: string): Promise<void>;
  /** Throws `not-logged-in` before a login. */
  calls(server: string): ServiceCaller;
  /** Needs no login. */
  ping(server: string): Promise<{ readonly name: string; readonly version: string }>;
  /** Prepares on the source, admits on the target, creates on the source; undone if a step fails. */
  connect(request: ConnectRequest): Promise<ConnectionSnapshot>;
  /** Prepares on the server that holds the data, admits on the one that receives them, and begins; undone if a step fails. */
  restore(request: RestoreRequest): Promise<RestoreSnapshot>;
  /** Begins a new file where the script runs. Rejects with `already-exists` and other errors of the disk, `bad-input` where scripts write none. */
  createFile(path: string): Promise<NewFile>;
  /** Asks a person without echo; null when there is nobody to ask. */
  askPassword(question: string): Promise<string | null>;
}

/** A file that is being made; ended by one of `finish`, durably, and `drop`. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  drop(): Promise<void>;
}

export interface ConnectRequest {
  readonly source: string;
  readonly target: string;
  readonly setName: string;
  readonly map: MapSpec;
  readonly mirror: MirrorOptions | null;
  readonly settings?: ConnectionSettingsChange | undefined;
}

export interface RestoreRequest extends Pick<
  CallInput<'restore.start'>,
  'choice' | 'overwrite' | 'checksum' | 'owners' | 'plan' | 'drill'
> {
  readonly holder: string;
  readonly receiver: string;
}
