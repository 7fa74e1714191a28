import type { MessageRow } from '../stores/messages.svelte.ts';
import { severityWords } from './choices.ts';
import { moment } from './format.ts';

export type LeastSeverity = 'info' | 'warning' | 'error';

const rank: Readonly<Record<LeastSeverity, number>> = { info: 0, warning: 1, error: 2 };

/** The messages at least as severe as asked whose text or server holds all the words. */
export function filterMessages(rows: readonly MessageRow[], least: LeastSeverity, wanted: string): readonly MessageRow[] {
  const words = wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (rank[least] === 0 && words.length === 0) return rows;
  return rows.filter((row) => {
    if (rank[row.severity] < rank[least]) return false;
    const text = `${row.serverName} ${row.text}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The messages as a text file: one line each, tab between columns, line ends in a text shown as spaces. */
export function messagesAsText(rows: readonly MessageRow[]): string {
  return rows
    .map(
      (row) => [moment(row.at), severityWords[row.severity], row.serverName, row.text.replaceAll(/\s+/g, ' ')].join('\t') + '\n',
    )
    .join('');
}
