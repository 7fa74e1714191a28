import { expect, test } from 'vitest';
import type { Cut, Park, TransmissionHold } from '../../../../../src-main/api/index.ts';
import { Parking, type ParkOrder } from '../../../../../src-main/engine/connection/source/parking.ts';

const order: ParkOrder = { owner: 'eva', reason: 'rotation', since: '2026-11-27T01:00:00.000Z' };
const cut: Cut = { sequence: 7, at: '2026-11-27T01:00:01.000Z', label: 'point-in-time' };

function scene(isFollowing = true) {
  const holds: TransmissionHold[] = [];
  const away = { isFollowing, isFindingOut: false, parked: null as Extract<Park, { kind: 'parked' }> | null };
  const parking = new Parking({
    transmission: {
      hold: (hold) => void holds.push(hold),
      lift: (by) => void holds.splice(0, Infinity, ...holds.filter((hold) => hold.by !== by)),
    },
    autoDisconnect: {
      get isFollowing() {
        return away.isFollowing;
      },
      get parked() {
        return away.parked;
      },
      park({ owner, reason }, at) {
        away.isFollowing = false;
        away.parked = { kind: 'parked', owner, reason, since: order.since, cut: at, isComplete: at !== null };
      },
    },
    isFindingOut: () => away.isFindingOut,
    dropQuestions: () => undefined,
    wake: () => undefined,
  });
  return { parking, holds, away };
}

test('it leaves only at a cut, and lets go of transmission then', () => {
  const { parking, holds, away } = scene();
  parking.order(order);
  expect(holds).toEqual([{ by: 'park', kind: 'pause', ...order }]);
  expect(parking.status).toEqual({ kind: 'leaving', ...order });
  expect(away.isFollowing).toBe(true);
  parking.atCut(cut);
  expect(parking.status).toMatchObject({ kind: 'parked', cut, isComplete: true });
  expect(holds).toEqual([]);
});

test('what changed unseen is found before a cut is sought', () => {
  const { parking, holds, away } = scene();
  away.isFindingOut = true;
  parking.order(order);
  parking.look();
  expect(holds).toEqual([]);
  expect(parking.status).toEqual({ kind: 'leaving', ...order });
  away.isFindingOut = false;
  parking.look();
  expect(holds).toHaveLength(1);
  parking.look();
  expect(holds).toHaveLength(1);
});

test('a cut of a pause that nobody asked to park at changes nothing', () => {
  const { parking, away } = scene();
  parking.atCut(cut);
  expect(away.isFollowing).toBe(true);
});

test('one that is taken back before the cut stays', () => {
  const { parking, holds, away } = scene();
  parking.order(order);
  expect(parking.cancel()).toBe(true);
  parking.atCut(cut);
  expect([holds, parking.status, away.isFollowing]).toEqual([[], null, true]);
  expect(parking.cancel()).toBe(false);
});

test('one that had left by itself stays away, without a cut', () => {
  const { parking } = scene(false);
  parking.order(order);
  expect(parking.status).toMatchObject({ kind: 'parked', cut: null, isComplete: false });
});

test('one that leaves by itself on its way to the cut stays away, without a cut', () => {
  const { parking, holds, away } = scene();
  parking.order(order);
  away.isFollowing = false;
  parking.leftByItself();
  expect(parking.status).toMatchObject({ kind: 'parked', cut: null });
  expect(holds).toEqual([]);
});

test('parking what is parked keeps its owner and its cut', () => {
  const { parking } = scene();
  parking.order(order);
  parking.atCut(cut);
  parking.order({ ...order, owner: 'otto' });
  expect(parking.status).toMatchObject({ owner: 'eva', cut });
  expect(() => parking.refuse()).toThrow('parked');
});
