import { expect, test } from 'vitest';
import { nextSorting, sortRows, visibleRange, type Column } from '../../../src-renderer/ui/grid.ts';

interface Row {
  readonly name: string;
  readonly size: number;
}
const columns: readonly Column<Row>[] = [
  { id: 'name', label: 'Name', width: '1fr', sortBy: (row) => row.name },
  { id: 'size', label: 'Size', width: '1fr', sortBy: (row) => row.size },
  { id: 'note', label: 'Note', width: '1fr' },
];
const rows: readonly Row[] = [
  { name: 'Set 10', size: 5 },
  { name: 'Set 9', size: 50 },
  { name: 'set 1', size: 5 },
];

test('numbers sort as numbers, names with numbers in them as people count, and equals keep their order', () => {
  const names = (columnId: string, isDescending = false) =>
    sortRows(rows, columns, { columnId, isDescending }).map(({ name }) => name);
  expect(names('name')).toEqual(['set 1', 'Set 9', 'Set 10']);
  expect(names('size')).toEqual(['Set 10', 'set 1', 'Set 9']);
  expect(names('size', true)).toEqual(['Set 9', 'Set 10', 'set 1']);
  expect(names('note')).toEqual(['Set 10', 'Set 9', 'set 1']);
});

test('a column’s head sorts up, then down, then not at all', () => {
  const up = nextSorting({ columnId: 'size', isDescending: true }, 'name');
  expect(up).toEqual({ columnId: 'name', isDescending: false });
  const down = nextSorting(up, 'name');
  expect(down).toEqual({ columnId: 'name', isDescending: true });
  expect(nextSorting(down, 'name')).toBeNull();
});

test('the rows in the page cover the view and never leave the list', () => {
  expect(visibleRange(0, 320, 32, 2000)).toEqual({ first: 0, end: 16 });
  expect(visibleRange(32_000, 320, 32, 2000)).toEqual({ first: 994, end: 1016 });
  expect(visibleRange(63_680, 320, 32, 2000)).toEqual({ first: 1984, end: 2000 });
  expect(visibleRange(64_000, 320, 32, 3)).toEqual({ first: 2, end: 3 });
  expect(visibleRange(0, 320, 32, 0)).toEqual({ first: 0, end: 0 });
});
