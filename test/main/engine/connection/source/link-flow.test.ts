import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Wake } from '../../../../../src-main/base/index.ts';
import { LinkEnded, LinkFlow, SLICE_MS } from '../../../../../src-main/engine/connection/source/link-flow.ts';
import { Outbox } from '../../../../../src-main/engine/transmit/index.ts';
import { eventually } from '../../../../support/eventually.ts';

function openFlow(owner: { mustEnd?: boolean; isReleasing?: boolean; isHeld?: boolean; isMidFile?: boolean }): LinkFlow {
  const asked = {
    mustEnd: () => owner.mustEnd === true,
    isReleasing: () => owner.isReleasing === true,
    isHeld: () => owner.isHeld === true,
  };
  return new LinkFlow(
    new Outbox(() => undefined),
    asked,
    new Wake(),
    new AbortController().signal,
    () => owner.isMidFile === true,
  );
}

test('whoever waits for the target in the middle of a change does not hold up a stop', async () => {
  await expect(openFlow({ mustEnd: true, isReleasing: false }).pause()).rejects.toThrow(LinkEnded);
});

test('a connection that takes leave keeps its link until it is told', async () => {
  await expect(openFlow({ mustEnd: true, isReleasing: true }).pause()).resolves.toBeUndefined();
});

test('a schedule that has its end while messages are let in closes the link', async () => {
  const owner = { isHeld: false };
  const breathing = openFlow(owner).breathe();
  owner.isHeld = true;
  await expect(breathing).rejects.toThrow(LinkEnded);
});

test('in the middle of a file it keeps the link, until the file is over or given up', async () => {
  const owner = { isHeld: false, isMidFile: true };
  const draining = openFlow(owner).drain();
  owner.isHeld = true;
  let isOver = false;
  void draining.catch(() => undefined).finally(() => (isOver = true));
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  owner.isMidFile = false;
  await expect(draining).rejects.toThrow(LinkEnded);
});

test('short work is no reason to rest, long work is', async () => {
  const flow = openFlow({});
  await eventually('short work goes on', async () => {
    await flow.drain();
    return flow.rest() === null;
  });
  await delay(SLICE_MS + 1);
  const resting = flow.rest();
  expect(resting).not.toBeNull();
  await resting;
});
