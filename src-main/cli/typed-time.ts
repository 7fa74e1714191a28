const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * The moment that a person means, ISO; null for what is no time. Where no zone is said it is that of this machine, for a day alone too: JavaScript takes
 * such a day in UTC, and almost any text with a number in it for some time.
 */
export function typedTime(text: string): string | null {
  const ms = Date.parse(DAY.test(text) ? `${text}T00:00` : MOMENT.test(text) ? text : '');
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
