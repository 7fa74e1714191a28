import type { ConnectionSnapshot } from '../api/index.ts';
import { nameOf } from './show.ts';

/** The counters of a connection, one to a line; under its name when it is one of several. */
export function statisticsLines(connection: ConnectionSnapshot, isOneOfSeveral: boolean): readonly string[] {
  const lines = Object.entries(connection.statistics).map(([name, value]) => `${name.padEnd(22)} ${counter(value)}`);
  return isOneOfSeveral ? [nameOf(connection), ...lines, ''] : lines;
}

/** A table for other programs: names, then a row for each connection. Delays are two columns; what is not known is empty. */
export function statisticsTable(connections: readonly ConnectionSnapshot[]): readonly string[] {
  const rows = connections.map(({ number, id, setName, targetName, statistics: { latencyMs, ...counters } }) => ({
    number,
    id,
    setName,
    targetName,
    ...counters,
    latencyP50Ms: latencyMs?.p50 ?? null,
    latencyP99Ms: latencyMs?.p99 ?? null,
  }));
  const [first] = rows;
  if (first === undefined) return [];
  return [Object.keys(first).join(','), ...rows.map((row) => Object.values(row).map(cell).join(','))];
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function counter(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : value === null ? '-' : JSON.stringify(value);
}
