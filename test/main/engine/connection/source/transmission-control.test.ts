import { expect, test } from 'vitest';
import type { HoldOwner, TransmissionHold } from '../../../../../src-main/api/index.ts';
import { SourceStatus } from '../../../../../src-main/engine/connection/source/source-status.ts';
import { TransmissionControl } from '../../../../../src-main/engine/connection/source/transmission-control.ts';

const since = '2026-01-02T03:04:05.000Z';
const later = '2026-01-02T03:05:00.000Z';
const hold = (by: HoldOwner, kind: TransmissionHold['kind'] = 'pause', at = since): TransmissionHold => ({
  by,
  kind,
  owner: by === 'operator' ? 'eva' : by,
  reason: 'a test',
  since: at,
});

function start() {
  const status = new SourceStatus(since);
  return {
    status,
    control: new TransmissionControl(
      status,
      null,
      () => undefined,
      () => later,
    ),
  };
}

test('each owner lifts only its own hold, and it goes on when nobody holds', () => {
  const { status, control } = start();
  control.hold(hold('operator'));
  control.hold(hold('target-full'));
  expect(status.transmission).toMatchObject({ kind: 'pausing', owner: 'eva' });
  control.lift('operator');
  expect(status.transmission).toMatchObject({ kind: 'waiting', by: 'target-full' });
  control.lift('operator');
  expect(status.transmission.kind).toBe('waiting');
  control.lift('target-full');
  expect(status.transmission).toEqual({ kind: 'active', since: later });
});

test('a pause keeps its cut while others come and go', () => {
  const { status, control } = start();
  control.hold(hold('operator'));
  const cut = { sequence: 7, at: later, label: 'file-level' } as const;
  status.setTransmission({ kind: 'paused', since: later, owner: 'eva', reason: 'a test', cut });
  control.hold(hold('target-full'));
  expect(control.list().map(({ by }) => by)).toEqual(['operator', 'target-full']);
  control.lift('target-full');
  expect(status.transmission).toMatchObject({ kind: 'paused', cut });
  expect(control.list().map(({ by }) => by)).toEqual(['operator']);
});

test('a stop closes the link whoever ordered it, and a person who stops is shown before want of room', () => {
  const { status, control } = start();
  control.hold(hold('target-full', 'stop'));
  expect(control.isStopped).toBe(true);
  control.hold(hold('operator', 'stop'));
  expect(status.transmission).toMatchObject({ kind: 'stopped', owner: 'eva' });
  control.lift('target-full');
  expect(control.isStopped).toBe(true);
  control.lift('operator');
  expect(control.isStopped).toBe(false);
});

test('a stored pause is there from the start', () => {
  const status = new SourceStatus(since);
  const stored = { kind: 'pause', owner: 'eva', reason: 'backup', since, cut: null } as const;
  const control = new TransmissionControl(status, stored, () => undefined);
  expect(status.transmission).toMatchObject({ kind: 'pausing', owner: 'eva', reason: 'backup' });
  expect(control.list()).toHaveLength(1);
});

test('a stored pause that had reached its cut stands there from the start, and others who hold leave it there', () => {
  const status = new SourceStatus(since);
  const cut = { sequence: 7, at: since, label: 'point-in-time' } as const;
  const control = new TransmissionControl(status, { kind: 'pause', owner: 'eva', reason: 'backup', since, cut }, () => undefined);
  const paused = { kind: 'paused', owner: 'eva', reason: 'backup', since, cut };
  expect(status.transmission).toEqual(paused);
  control.hold(hold('target-full', 'pause'));
  expect(status.transmission).toEqual(paused);
  expect(control.list()[0]).toEqual({ by: 'operator', kind: 'pause', owner: 'eva', reason: 'backup', since });
});

test('a target that is full holds once, says so once, and lets go', () => {
  const status = new SourceStatus(since);
  const said: string[] = [];
  const control = new TransmissionControl(status, null, (text) => said.push(text), () => later); // prettier-ignore
  control.targetFull(true, 'beta');
  control.targetFull(true, 'beta');
  expect(status.transmission).toMatchObject({ kind: 'waiting', by: 'target-full', owner: 'beta' });
  expect(said).toHaveLength(1);
  control.targetFull(false, 'beta');
  expect(status.transmission.kind).toBe('active');
});
