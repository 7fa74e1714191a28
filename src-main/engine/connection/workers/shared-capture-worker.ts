import { parentPort, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { invariant, ReplicationError, toReplicationError } from '../../../base/index.ts';
import { FanotifyFollower, FollowedSet, SyncBell, WHY_CHOSEN } from '../../capture/index.ts';
import { compileRules } from '../../model/index.ts';
import type { CaptureTask, FromSharedCapture, ToSharedCapture } from '../source/shared-capture.ts';
import type { FromCapture } from '../source/source-protocol.ts';
import { Gathering } from './gathering.ts';

/**
 * How long a wait for events may block, and how long when so many in a row brought nothing: each end of a wait is a look at the roots. Who gives
 * an order ends the wait too; if he cannot, that is how long the order goes unheard.
 */
const WAIT_MS = 50;
const QUIET_WAIT_MS = 1000;
const QUIET_WAITS = 40;
/** As long while nobody's set is followed, which is before the first order and after the last. */
const IDLE_MS = 2;

/** A connection whose set is followed. */
interface Member {
  readonly id: number;
  readonly set: FollowedSet;
  readonly bell: SyncBell | null;
  readonly port: MessagePort;
}

/** The thread that follows the sets of all connections that can share it. Started and owned by `SharedCapture`; it ends with `stop`. */
invariant(parentPort !== null, 'the shared capture runs as a worker');
const main = parentPort;
const members = new Map<number, Member>();
const gathering = new Gathering();
let follower = null as FanotifyFollower | null;
const clock = new Int32Array(new SharedArrayBuffer(4));
let waitsInVain = 0;
let isStopped = false;

try {
  // The thread waits in the kernel, never in its event loop: messages are fetched between two waits.
  while (!isStopAsked()) {
    if (follower !== null && members.size > 0) serve(follower);
    else Atomics.wait(clock, 0, 0, IDLE_MS);
  }
} catch (error) {
  // What is wrong with the capture is wrong for all.
  for (const member of [...members.values()]) fail(member, error);
} finally {
  follower?.dispose();
  for (const member of members.values()) close(member);
}
main.close();

/** Obeys what was ordered since the last call. */
function isStopAsked(): boolean {
  for (let received; (received = receiveMessageOnPort(main)) !== undefined;) take(received.message as ToSharedCapture);
  return isStopped;
}

function take(message: ToSharedCapture): void {
  if (message.kind === 'stop') isStopped = true;
  else if (message.kind === 'follow') follow(message.id, message.task, message.port);
  else {
    const member = members.get(message.id);
    if (member !== undefined) end(member);
  }
}

function follow(id: number, task: CaptureTask, port: MessagePort): void {
  const rules = compileRules(task.rules, task.volumes);
  const options = {
    roots: task.roots,
    selects: (path: string, isFolder: boolean) => rules.selects(path, isFolder),
    descends: (folder: string) => rules.descends(folder),
    selectsAllBelow: (folder: string) => rules.selectsAllBelow(folder),
  };
  const set = new FollowedSet({ options, now: () => performance.now() });
  try {
    follower ??= new FanotifyFollower();
    follower.add(set);
    members.set(id, { id, set, bell: SyncBell.make(task.bell), port });
    tell(port, { kind: 'started', method: 'fanotify', why: task.settings.method === 'auto' ? '' : WHY_CHOSEN });
  } catch (error) {
    follower?.remove(set);
    const { code, details } = toReplicationError(error);
    if (error instanceof ReplicationError && code === 'unsupported') {
      // Another method may do, in a thread of its own.
      post({ kind: 'ended', id, declined: port }, [port]);
      return;
    }
    tell(port, { kind: 'failed', code, details });
    port.close();
    post({ kind: 'ended', id, declined: null });
  }
}

/** One wait, and what follows it. */
function serve(following: FanotifyFollower): void {
  gathering.rest();
  const bells = [...members.values()].flatMap(({ bell }) => (bell === null ? [] : [bell.fd]));
  const waitMs = waitsInVain < QUIET_WAITS ? WAIT_MS : QUIET_WAIT_MS;
  const { readable } = gathering.watched(
    () => {
      const beganAtMs = performance.now();
      const rung = following.wait(waitMs, bells);
      waitsInVain = performance.now() - beganAtMs < waitMs ? 0 : waitsInVain + 1;
      return { readable: rung, hasTold: tellAll(following) };
    },
    ({ hasTold }) => hasTold,
  );
  if (readable.length === 0) return;
  const asked = [...members.values()].flatMap((member) => {
    const request = member.bell !== null && readable.includes(member.bell.fd) ? member.bell.take().request : null;
    return request === null ? [] : [{ member, request }];
  });
  if (asked.length === 0) return;
  // Whatever happened before the request is in the kernel's queue by now, so it is told before the answer.
  do {
    following.wait(0, []);
    tellAll(following);
  } while (!following.isDrained && !isStopAsked());
  for (const { member, request } of asked) if (members.get(member.id) === member) tell(member.port, { kind: 'synced', request });
}

/** Whether there was anything to tell. */
function tellAll(following: FanotifyFollower): boolean {
  following.handle();
  let hasTold = false;
  for (const member of [...members.values()]) {
    try {
      member.set.lookAtRoots();
    } catch (error) {
      fail(member, error);
      continue;
    }
    const notices = member.set.take();
    if (notices.length === 0) continue;
    hasTold = true;
    tell(member.port, { kind: 'notices', at: Date.now(), notices });
  }
  return hasTold;
}

function fail(member: Member, error: unknown): void {
  const { code, details } = toReplicationError(error);
  tell(member.port, { kind: 'failed', code, details });
  end(member);
}

function end(member: Member): void {
  members.delete(member.id);
  follower?.remove(member.set);
  close(member);
  post({ kind: 'ended', id: member.id, declined: null });
}

function close({ bell, port }: Member): void {
  bell?.close();
  port.close();
}

function tell(port: MessagePort, message: FromCapture): void {
  port.postMessage(message);
}

function post(message: FromSharedCapture, transfer: MessagePort[] = []): void {
  main.postMessage(message, transfer);
}
