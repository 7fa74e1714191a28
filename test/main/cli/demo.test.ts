import { describe, expect, test } from 'vitest';
import type { ConnectionSnapshot } from '../../../src-main/api/index.ts';
import { FollowedConnection, isQuiet } from '../../../src-main/cli/demo/followed-connection.ts';
import { bar, count, Screen } from '../../../src-main/cli/demo/screen.ts';
import type { ControlSession } from '../../../src-main/control/index.ts';

/** What the demo looks at of a connection; the rest is never read. */
function snapshot(change: Partial<ConnectionSnapshot> = {}): ConnectionSnapshot {
  const quiet = {
    id: 'one',
    halt: null,
    problems: [],
    link: { kind: 'up' },
    transmission: { kind: 'active' },
    mirror: { kind: 'idle' },
    targetData: 'good',
    statistics: { queuedOps: 0, inFlightOps: 0, targetQueueOps: 0 },
  };
  return { ...quiet, ...change } as unknown as ConnectionSnapshot;
}

/** A session that answers `connection.get` with these snapshots, the last one for ever. */
function session(...snapshots: ConnectionSnapshot[]): ControlSession {
  let asked = 0;
  return {
    call: () => Promise.resolve(snapshots[Math.min(asked++, snapshots.length - 1)]),
    onUpdate: () => () => undefined,
  } as unknown as ControlSession;
}

describe('a followed connection', () => {
  const never = new AbortController().signal;

  test('is awaited until it is as wanted', async () => {
    const busy = snapshot({
      statistics: { queuedOps: 3, inFlightOps: 0, targetQueueOps: 0 } as ConnectionSnapshot['statistics'],
    });
    const connection = new FollowedConnection(session(busy, busy, snapshot()), busy);
    const seen: boolean[] = [];
    await connection.until('quiet', isQuiet, never, { onLook: (now) => seen.push(isQuiet(now)) });
    expect(seen).toEqual([false, false, true]);
  });

  test('that halts is an error with its cause, not an endless wait', async () => {
    const halted = snapshot({ halt: { cause: 'The folder is gone.' } as ConnectionSnapshot['halt'] });
    const connection = new FollowedConnection(session(halted), snapshot());
    await expect(connection.until('quiet', isQuiet, never)).rejects.toMatchObject({
      code: 'halted',
      details: { text: 'The folder is gone.' },
    });
  });

  test('that stands still is given up with what it says about the reason', async () => {
    const stuck = snapshot({ link: { kind: 'down', cause: 'No route.' } as ConnectionSnapshot['link'] });
    const connection = new FollowedConnection(session(stuck), stuck);
    const waiting = connection.until('quiet', isQuiet, never, { stallMs: 1 });
    await expect(waiting).rejects.toMatchObject({
      code: 'timeout',
      details: { text: expect.stringContaining('No route.') as string },
    });
  });

  test('is no longer awaited when the demo is interrupted', async () => {
    const stop = new AbortController();
    const connection = new FollowedConnection(session(snapshot({ targetData: 'mirroring' })), snapshot());
    const waiting = connection.until('quiet', isQuiet, stop.signal);
    stop.abort(new Error('interrupted'));
    await expect(waiting).rejects.toThrow('interrupted');
  });
});

describe('the screen', () => {
  /** A terminal (or not) that keeps what is written to it. */
  function output(isTTY: boolean) {
    const written: string[] = [];
    const stream = { isTTY, columns: 40, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
    return { screen: new Screen(stream), written };
  }

  test('replaces a line of progress on a terminal and cuts it to the width', () => {
    const { screen, written } = output(true);
    screen.progress('Mirror', 'x'.repeat(100));
    screen.say('Mirror', 'done');
    expect(written[0]).toMatch(/^\r/);
    expect(written[0]?.replaceAll(/\x1b\[\d*[mK]|\r/g, '').length).toBeLessThan(48); // eslint-disable-line no-control-regex -- escape codes are what is removed
    expect(written[1]).toMatch(/^\r.*done\n$/);
  });

  test('writes plain lines without codes into a pipe, and progress only now and then', () => {
    const { screen, written } = output(false);
    screen.say('Set', 'counted');
    for (let i = 0; i < 100; i++) screen.progress('Mirror', `${i} %`);
    expect(written).toEqual(['  Set        counted\n']);
  });

  test('shows shares and counts for people', () => {
    expect(bar(0)).toBe('░'.repeat(20));
    expect(bar(50)).toBe('█'.repeat(10) + '░'.repeat(10));
    expect(bar(140)).toBe('█'.repeat(20));
    expect(count(1_234_567)).toBe('1,234,567');
  });
});
