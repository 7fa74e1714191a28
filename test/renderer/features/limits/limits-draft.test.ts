import { describe, expect, test } from 'vitest';
import { initialConnectionSettings, initialLineSettings } from '../../../../src-main/api/index.ts';
import { LimitsDraft } from '../../../../src-renderer/features/limits/limits-draft.svelte.ts';

const draftOf = (line = initialLineSettings) => new LimitsDraft(line, initialConnectionSettings, '2026-11-22');

describe('limits and schedule', () => {
  test('nothing changed is nothing to order', () => {
    const draft = draftOf();
    expect([draft.lineChange, draft.connectionChange, draft.script('beta', 1)]).toEqual([null, null, []]);
  });

  test('what is put together is ordered, and its script runs', () => {
    const draft = draftOf();
    draft.rate = 'bursts';
    draft.burst.text = '1.5';
    draft.burstSeconds = '10';
    draft.compression = '2';
    draft.hasWindow = true;
    draft.hasStartTime = true;
    draft.mark = 'percent';
    draft.hasStopAfter = true;
    draft.hasBudget = true;
    expect([draft.bandwidthProblem, draft.scheduleProblem]).toEqual([null, null]);
    expect(draft.lineChange).toEqual({
      limits: { burstBytes: 1_572_864, burstSeconds: 10 },
      schedule: {
        windowOpen: '22:00',
        windowClose: '06:00',
        startAt: '2026-11-22T22:00:00',
        startEvery: 1,
        startUnit: 'days',
        startQueuePercent: 50,
        stopAfterSeconds: 7200,
        stopAfterBytes: 10_737_418_240,
      },
    });
    expect(draft.connectionChange).toEqual({ compression: { isEnabled: true, level: 2 } });
    const script = draft.script('beta', 3);
    expect(script).toEqual([
      'limit bandwidth 1572864, 10 to beta;',
      'schedule window 22:00 06:00 to beta;',
      'schedule clear start to beta;',
      'schedule start 2026-11-22 22:00:00 every 1 days to beta;',
      'schedule start queue 50% to beta;',
      'schedule clear stop to beta;',
      'schedule stop for 7200 seconds to beta;',
      'schedule stop bytes 10737418240 to beta;',
      'compression enable level 2 for 3;',
    ]);
  });

  test('a rule that is taken away is switched off and kept; one that was off is left alone', () => {
    const schedule = {
      ...initialLineSettings.schedule,
      windowOpen: '22:00',
      windowClose: '06:00',
      stopAfterSeconds: 60,
      isStopEnabled: false,
    };
    const draft = draftOf({ ...initialLineSettings, schedule });
    expect(draft.lineChange).toBeNull();
    draft.hasWindow = false;
    expect(draft.lineChange).toEqual({ limits: {}, schedule: { isWindowEnabled: false } });
    expect(draft.script('beta', 1)).toEqual(['schedule disable window to beta;']);
  });

  test('values are shown in the largest unit that holds them whole', () => {
    const draft = draftOf({ ...initialLineSettings, limits: { bytesPerSec: 3 * 1024 ** 2, burstBytes: null, burstSeconds: 1 } });
    expect([draft.rate, draft.steady.text, draft.steady.unit]).toEqual(['steady', '3', 'MiB']);
  });

  test('what is missing or wrong is said', () => {
    const draft = draftOf();
    draft.rate = 'steady';
    draft.steady.text = 'much';
    draft.hasWindow = true;
    draft.windowOpen = '';
    expect([draft.bandwidthProblem, draft.scheduleProblem]).toEqual([
      'Say how much: at least 1 KiB in each second.',
      'Say when the window opens and closes.',
    ]);
  });
});
