import fc from 'fast-check';
import { errorCodes, type ErrorCode } from '../../../../src-main/base/index.ts';
import {
  abilityAnswers,
  losses,
  volumeAbilities,
  type Attributes,
  type VolumeTraits,
} from '../../../../src-main/engine/model/index.ts';
import type { ListedEntry, SourceMessage, TargetMessage, WireOp } from '../../../../src-main/engine/wire/index.ts';

/** A raw name: any bytes but `/` and NUL; never `.` or `..`. */
export const rawNames = fc
  .array(
    fc.integer({ min: 1, max: 255 }).filter((code) => code !== 47),
    { minLength: 1, maxLength: 12 },
  )
  .map((codes) => String.fromCharCode(...codes))
  .filter((name) => name !== '.' && name !== '..');
export const rawPaths = fc.array(rawNames, { maxLength: 4 }).map((names) => names.join('/'));
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const root = fc.integer({ min: 0, max: 0xffff });
const whole = fc.maxSafeNat();
const sequence = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const entryKind = fc.constantFrom('file', 'folder', 'symlink', 'other' as const);
const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const plainAttributes = {
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: u32,
  gid: u32,
  mtimeNs: i64,
};
const extended = fc
  .uniqueArray(fc.record({ name: rawNames, value: fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)) }), {
    selector: ({ name }) => name,
    maxLength: 4,
  })
  .map((list) => list.sort((a, b) => (a.name < b.name ? -1 : 1)));
const attributes: fc.Arbitrary<Attributes> = fc.oneof(fc.record(plainAttributes), fc.record({ ...plainAttributes, extended }));
const place = { sequence, root, path: rawPaths };
const expects = fc.oneof(
  fc.constant({}),
  fc.record({ size: whole, mtimeNs: i64 }).map((expected) => ({ expects: expected })),
);
const expecting = <T extends object>(of: fc.Arbitrary<T>) => fc.tuple(of, expects).map(([op, more]) => ({ ...op, ...more }));
export const ops: fc.Arbitrary<WireOp> = fc.oneof(
  expecting(fc.record({ kind: fc.constant('write' as const), ...place, size: fc.nat({ max: 64 }), attributes })),
  expecting(fc.record({ kind: fc.constant('write-stream' as const), ...place })),
  expecting(fc.record({ kind: fc.constant('patch-stream' as const), ...place, baseSize: whole })),
  fc.record({ kind: fc.constant('folder' as const), ...place, attributes }),
  fc.record({ kind: fc.constant('symlink' as const), ...place, target: rawNames, attributes }),
  fc.record({ kind: fc.constant('link' as const), ...place, existingRoot: root, existing: rawPaths }),
  fc.record({ kind: fc.constant('attributes' as const), ...place, entry: entryKind, attributes }),
  fc.record({ kind: fc.constant('rename' as const), ...place, fromRoot: root, from: rawPaths }),
  expecting(fc.record({ kind: fc.constant('remove' as const), ...place, entry: entryKind, isKept: fc.boolean() })),
  fc.record({ kind: fc.constant('orphan' as const), ...place, entry: entryKind, size: whole, mtimeNs: i64 }),
  fc.record({ kind: fc.constant('barrier' as const), sequence }),
  fc.record({ kind: fc.constant('group-begin' as const), sequence }),
  fc.record({
    kind: fc.constant('group-end' as const),
    sequence,
    atMs: whole,
    label: fc.constantFrom('file-level' as const, 'point-in-time' as const),
  }),
);

export interface Sent<M> {
  readonly message: M;
  readonly payload: Buffer;
}

const none = Buffer.alloc(0);
const bytes = (options: { minLength?: number; maxLength?: number }) =>
  fc.uint8Array(options).map((array) => Buffer.from(array.buffer, array.byteOffset, array.length));

export const sourceMessages: fc.Arbitrary<Sent<SourceMessage>> = fc.oneof(
  fc.record({ version: u32, connectionId: fc.uuid() }).map((m) => ({ message: { kind: 'hello' as const, ...m }, payload: none })),
  fc.array(ops, { maxLength: 20 }).map((list) => ({
    message: { kind: 'ops' as const, ops: list },
    payload: Buffer.alloc(
      list.reduce((sum, op) => sum + (op.kind === 'write' ? op.size : 0), 0),
      7,
    ),
  })),
  fc
    .tuple(sequence, fc.integer({ min: 0, max: 2 ** 50 }), bytes({ minLength: 1, maxLength: 200 }))
    .map(([stream, offset, payload]) => ({
      message: { kind: 'data' as const, stream, offset },
      payload,
    })),
  fc.record({ stream: sequence, root, isPatch: fc.boolean() }).map((m) => ({
    message: { kind: 'stream' as const, ...m },
    payload: none,
  })),
  fc.record({ stream: sequence }).map((m) => ({ message: { kind: 'data-drop' as const, ...m }, payload: none })),
  fc.record({ stream: sequence, sequence, size: whole, attributes }).map((m) => ({
    message: { kind: 'data-end' as const, ...m },
    payload: none,
  })),
  fc.record({ requestId: u32, files: fc.array(fc.record({ root, path: rawPaths }), { maxLength: 9 }) }).map((m) => ({
    message: { kind: 'get-signatures' as const, ...m },
    payload: none,
  })),
  fc
    .record({ requestId: u32, root, path: rawPaths })
    .map((m) => ({ message: { kind: 'get-listing' as const, ...m }, payload: none })),
  fc
    .record({
      byName: fc.boolean(),
      owners: fc.array(
        fc.record({ kind: fc.constantFrom('user', 'group' as const), id: u32, name: fc.string({ maxLength: 9 }) }),
      ),
    })
    .map((m) => ({ message: { kind: 'owner-names' as const, ...m }, payload: none })),
  fc.record({ requestId: u32 }).map((m) => ({ message: { kind: 'get-volumes' as const, ...m }, payload: none })),
  fc.constant({ message: { kind: 'release' as const }, payload: none }),
  fc.constant({ message: { kind: 'alive' as const }, payload: none }),
  fc.constant({ message: { kind: 'hold-noted' as const }, payload: none }),
  fc.boolean().map((isWhole) => ({ message: { kind: 'whole' as const, isWhole }, payload: none })),
  fc
    .constantFrom('begin' as const, 'end' as const)
    .map((phase) => ({ message: { kind: 'orphan-search' as const, phase }, payload: none })),
);

const failure = {
  code: fc.constantFrom(...(Object.keys(errorCodes) as ErrorCode[])),
  details: fc
    .dictionary(fc.string({ maxLength: 8 }), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), {
      noNullPrototype: true,
    })
    .map((details) => JSON.parse(JSON.stringify(details)) as Record<string, string | number | boolean | null>),
};
const volumeTraits: fc.Arbitrary<VolumeTraits> = fc.record({
  fileSystem: fc.constantFrom('ext4', 'xfs', '0x1234'),
  isTried: fc.boolean(),
  abilities: fc
    .array(fc.constantFrom(...abilityAnswers), { minLength: volumeAbilities.length, maxLength: volumeAbilities.length })
    .map(
      (answers) => Object.fromEntries(volumeAbilities.map((ability, i) => [ability, answers[i]])) as VolumeTraits['abilities'],
    ),
  nameBytes: root,
});
const listedEntry: fc.Arbitrary<ListedEntry> = fc.record({
  name: rawNames,
  kind: entryKind,
  size: whole,
  attributes,
  extendedHash: i64,
  linkTarget: fc.option(rawNames),
});

const plainTargetMessages: fc.Arbitrary<TargetMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('welcome' as const),
    version: u32,
    receivedSequence: whole,
    appliedSequence: whole,
    nowMs: whole,
    reverted: fc.option(fc.string({ maxLength: 30 })),
  }),
  fc.record({ kind: fc.constant('refused' as const), ...failure }),
  fc.record({
    kind: fc.constant('ack' as const),
    received: whole,
    applied: whole,
    queuedOps: whole,
    queuedBytes: whole,
    appliedBytes: whole,
    label: fc.constantFrom('file-level' as const, 'point-in-time' as const),
  }),
  fc.record({ kind: fc.constant('failed' as const), sequence: whole, root, path: rawPaths, ...failure }),
  fc.record({
    kind: fc.constant('volumes' as const),
    requestId: u32,
    roots: fc.array(volumeTraits, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('loss' as const), root, loss: fc.constantFrom(...losses) }),
  fc.record({ kind: fc.constant('retrying' as const), problem: fc.option(fc.record(failure)) }),
  fc.record({
    kind: fc.constant('listing' as const),
    requestId: u32,
    entries: fc.option(fc.array(listedEntry, { maxLength: 9 })),
  }),
  fc.constant({ kind: 'released' as const }),
  fc.record({ kind: fc.constant('standing' as const), isHeld: fc.boolean(), isFull: fc.boolean() }),
);

export const targetMessages: fc.Arbitrary<Sent<TargetMessage>> = fc.oneof(
  fc.record({ bytes: whole }).map((m) => ({ message: { kind: 'taken' as const, ...m }, payload: none })),
  plainTargetMessages.map((message) => ({ message, payload: none })),
  fc
    .record({
      requestId: u32,
      files: fc.array(fc.option(fc.record({ size: whole, blocks: fc.nat({ max: 20 }) })), { maxLength: 6 }),
    })
    .map(({ requestId, files }) => ({
      message: { kind: 'signatures' as const, requestId, files: files.map((file) => file ?? { size: null, blocks: 0 }) },
      payload: Buffer.alloc(files.reduce((sum, file) => sum + (file?.blocks ?? 0), 0) * 16, 3),
    })),
);
