/**
 * Every expected failure of the product has a code. The code decides whether trying again helps; words for people are made from
 * the code and its details at the edge (DTCL, command line, renderer), never parsed back from a message.
 */
export const errorCodes = {
  // the disk
  'not-found': 'later',
  'permission-denied': 'later',
  'disk-full': 'soon',
  'read-only': 'soon',
  'name-too-long': 'never',
  'not-a-folder': 'later',
  'is-a-folder': 'later',
  'not-empty': 'later',
  'already-exists': 'later',
  busy: 'soon',
  'links-exhausted': 'never',
  'too-many-open': 'soon',
  unsupported: 'never',
  'io-error': 'later',
  'outside-root': 'never',
  'watch-limit': 'never',
  'not-preserved': 'never',
  // the link
  'link-lost': 'soon',
  unreachable: 'soon',
  'host-unknown': 'soon',
  'port-in-use': 'never',
  'fingerprint-mismatch': 'never',
  'not-admitted': 'never',
  'protocol-error': 'never',
  timeout: 'soon',
  // the target's copy differs from what the source believes
  'missing-on-target': 'later',
  'changed-on-target': 'later',
  'clock-skew': 'later',
  // the source's own folder
  'source-vanished': 'never',
  'mass-change': 'never',
  // people and their input
  'bad-input': 'never',
  'bad-path': 'never',
  'not-logged-in': 'never',
  'wrong-password': 'never',
  'too-many-attempts': 'soon',
  'not-allowed': 'never',
  'unknown-server': 'never',
  'unknown-call': 'never',
  'unknown-set': 'never',
  'set-exists': 'never',
  'set-in-use': 'never',
  'set-unsaved': 'never',
  'set-empty': 'never',
  'unknown-connection': 'never',
  'connection-exists': 'never',
  'unknown-account': 'never',
  'account-exists': 'never',
  'map-missing': 'never',
  'map-invalid': 'never',
  'map-loop': 'never',
  'volume-unknown': 'never',
  'mirror-running': 'never',
  'no-mirror': 'never',
  'mirror-limited': 'never',
  'plan-running': 'never',
  'no-plan': 'never',
  'verify-running': 'never',
  'verify-during-mirror': 'later',
  'no-verify': 'never',
  'replica-moving': 'later',
  'certificate-running': 'never',
  'no-certificate-run': 'never',
  'bad-certificate': 'never',
  'no-snapshots': 'never',
  'snapshot-refused': 'later',
  'snapshot-running': 'later',
  'revert-refused': 'later',
  'replica-reverted': 'later',
  'queue-full': 'later',
  'not-reconnected': 'later',
  'not-disconnected': 'never',
  parked: 'never',
  'unknown-rotation': 'never',
  'rotation-exists': 'never',
  'rotation-running': 'later',
  'unknown-slot': 'never',
  'slot-refused': 'never',
  'slot-in-use': 'later',
  'slot-live': 'later',
  'paused-long': 'later',
  'hook-failed': 'later',
  'window-open': 'later',
  'window-overdue': 'later',
  'queue-inside-set': 'never',
  'search-running': 'never',
  'no-search': 'never',
  halted: 'never',
  'outside-window': 'later',
  'data-in-use': 'never',
  'not-initialised': 'never',
  'already-initialised': 'never',
  'newer-data': 'never',
  'last-admin': 'never',
  'damaged-data': 'never',
  'version-mismatch': 'never',
  'server-exists': 'never',
  'not-built': 'never',
  'no-stored-login': 'never',
  internal: 'never',
} as const satisfies Record<string, 'soon' | 'later' | 'never'>;

export type ErrorCode = keyof typeof errorCodes;
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/** An expected failure: a code, the facts that name the thing, and the cause. `message` is for logs only. */
export class ReplicationError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(`${code} ${JSON.stringify(details)}`, options);
    this.name = 'ReplicationError';
    this.code = code;
    this.details = details;
  }

  /** `soon`: the same call may pass in seconds; `later`: after something else changed; `never`: only after a person changed something. */
  get retry(): 'soon' | 'later' | 'never' {
    return errorCodes[this.code];
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}

/** The coded error for anything thrown: itself, or `internal` with the cause kept. */
export function toReplicationError(error: unknown): ReplicationError {
  if (error instanceof ReplicationError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ReplicationError('internal', { text }, { cause: error });
}
