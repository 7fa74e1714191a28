const MINUTE_MS = 60_000;

/**
 * When a schedule that verifies every so many minutes is due next: that long after the last one began, or after the connection was made
 * where none has run. Null without a schedule. A time in the past means now.
 */
export function nextVerifyAt(everyMinutes: number | null, lastStartedAt: string | null, connectedSince: string): string | null {
  if (everyMinutes === null) return null;
  return new Date(Date.parse(lastStartedAt ?? connectedSince) + everyMinutes * MINUTE_MS).toISOString();
}
