/** One column of a data grid. `width` is a CSS grid track; without `sortBy` the column does not sort. */
export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  readonly width: string;
  readonly isNumber?: boolean;
  readonly sortBy?: (row: Row) => string | number;
}

export interface Sorting {
  readonly columnId: string;
  readonly isDescending: boolean;
}

/** A sorted copy; rows that compare equal keep their order. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sorting: Sorting | null): readonly Row[] {
  const sortBy = columns.find((column) => column.id === sorting?.columnId)?.sortBy;
  if (sorting === null || sortBy === undefined) return rows;
  const direction = sorting.isDescending ? -1 : 1;
  return rows.toSorted((left, right) => direction * compare(sortBy(left), sortBy(right)));
}

/** The sorting after a click on a column's head: up, down, then as delivered. */
export function nextSorting(sorting: Sorting | null, columnId: string): Sorting | null {
  if (sorting?.columnId !== columnId) return { columnId, isDescending: false };
  return sorting.isDescending ? null : { columnId, isDescending: true };
}

/** Which rows of a long list are in view, with a few above and below so that scrolling shows no gaps. */
export function visibleRange(
  scrollTop: number,
  height: number,
  rowHeight: number,
  total: number,
): { readonly first: number; readonly end: number } {
  const spare = 6;
  const first = Math.min(Math.max(0, Math.floor(scrollTop / rowHeight) - spare), Math.max(0, total - 1));
  return { first, end: Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + spare) };
}

function compare(left: string | number, right: string | number): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left).localeCompare(String(right), 'en', { numeric: true });
}
