import { expect, test } from 'vitest';
import { QueueForecast } from '../../../../../src-main/engine/connection/source/queue-forecast.ts';

const MINUTE = 60_000;

/** Reads every 200 ms while `bytesPerSec` are added, as a worker does; gives the last picture. */
function run(phases: readonly (readonly [minutes: number, bytesPerSec: number])[], roomBytes: number) {
  let now = 0;
  let added = 0;
  const forecast = new QueueForecast(() => now);
  let status = forecast.read(0, { memoryBytes: 0, diskBytes: 0, roomBytes });
  for (const [minutes, bytesPerSec] of phases) {
    for (const end = now + minutes * MINUTE; now < end;) {
      now += 200;
      added += bytesPerSec / 5;
      status = forecast.read(added, { memoryBytes: 1_000, diskBytes: 3_000, roomBytes });
    }
  }
  return status;
}

test('at a steady rate it tells when there is no more room, and how full it is', () => {
  const status = run([[20, 1_000]], 7_200_000);
  expect(status.bytesPerSec).toBe(1_000);
  expect(status.fullInMs).toBe(7_200_000);
  expect(run([[20, 1_000]], 4_000).percent).toBe(50);
});

test('while nothing changes it does not fill', () => {
  expect(run([[1, 0]], 1e9)).toMatchObject({ bytesPerSec: 0, fullInMs: null });
  expect(
    run(
      [
        [5, 1_000],
        [6, 0],
      ],
      1e9,
    ),
  ).toMatchObject({ fullInMs: null });
});

test('the present rate is that of the last five minutes', () => {
  const { bytesPerSec } = run(
    [
      [60, 10],
      [5.2, 1_000],
    ],
    1e9,
  );
  expect(bytesPerSec).toBeGreaterThan(960);
  expect(bytesPerSec).toBeLessThanOrEqual(1_000);
});

test('a single change right after the start is no flood', () => {
  let now = 0;
  const forecast = new QueueForecast(() => now);
  now = 10;
  expect(forecast.read(300, { memoryBytes: 300, diskBytes: 0, roomBytes: 1e9 }).bytesPerSec).toBe(60);
});

test('while the queue stays as it is, what is told stays too for five seconds, whatever others do to the disk', () => {
  let now = 0;
  const forecast = new QueueForecast(() => now);
  const read = (roomBytes: number, memoryBytes = 0) => forecast.read(300, { memoryBytes, diskBytes: 0, roomBytes });
  const first = read(1_000_000);
  now = 4_000;
  expect(read(500_000)).toBe(first);
  expect(read(500_000, 300)).toMatchObject({ memoryBytes: 300, roomBytes: 500_000 });
  now = 9_000;
  expect(read(400_000, 300)).toMatchObject({ roomBytes: 400_000 });
});
