import { describe, expect, test } from 'vitest';
import { LoginLimiter } from '../../../src-main/control/index.ts';

describe('LoginLimiter', () => {
  test('each wrong password after the fifth doubles the wait, up to five minutes', () => {
    let nowMs = 1_000_000;
    const limiter = new LoginLimiter({ nowMs: () => nowMs });
    for (let i = 0; i < 4; i++) limiter.begin('eva', '10.0.0.1');
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      limiter.begin('eva', '10.0.0.1');
      const seconds = blockedFor(limiter, 'eva', '10.0.0.1');
      waits.push(seconds);
      nowMs += seconds * 1000;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  });

  test('a right password clears the user, and other users and addresses are not held up', () => {
    const limiter = new LoginLimiter({ nowMs: () => 0 });
    for (let i = 0; i < 5; i++) limiter.begin('Eva', 'a');
    expect(blockedFor(limiter, 'eva', 'a')).toBe(1);
    limiter.begin('eva', 'b');
    limiter.begin('tom', 'a');
    limiter.succeeded('eva', 'a');
    limiter.begin('eva', 'a');
  });

  test('many names from one address are slowed too', () => {
    const limiter = new LoginLimiter({ nowMs: () => 0 });
    for (let i = 0; i < 20; i++) limiter.begin(`user${i}`, 'a');
    expect(blockedFor(limiter, 'fresh', 'a')).toBe(1);
  });
});

function blockedFor(limiter: LoginLimiter, user: string, address: string): number {
  try {
    limiter.begin(user, address);
  } catch (error) {
    return (error as { details: { seconds: number } }).details.seconds;
  }
  return 0;
}
