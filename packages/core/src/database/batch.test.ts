import { expect, test } from 'vitest';

import { insertRows } from './batch.ts';
import { dialects } from './dialect.ts';

const COLUMNS = {
  a: 'integer',
  b: 'integer',
  c: 'integer',
  d: 'integer',
  e: 'integer',
  f: 'integer',
  g: 'integer',
} as const;
const NOTES = { seq: 'integer', at: 'time', who: 'text', note: 'text' } as const;
const row = (bits: number) =>
  Object.fromEntries(Object.keys(COLUMNS).map((name, at) => [name, bits & (1 << at) ? at : null])) as Record<
    keyof typeof COLUMNS,
    number | null
  >;
const columnsOf = (table: string, ...rows: number[]): string | undefined => {
  const [statement] = insertRows(dialects.postgresql, table, COLUMNS, rows.map(row));
  return /\((.*?)\)/.exec(statement?.sql ?? '')?.[1];
};

test('a column that is null in every row is left out, and one that any row has is there for all', () => {
  expect(columnsOf('some', 0b101)).toBe('a, c');
  expect(columnsOf('some', 0b101, 0b010)).toBe('a, b, c');
});

test('a group of columns that is the same in all rows is sent once, by its own type', () => {
  const at = new Date('2026-01-15T12:00:00.000Z');
  const rows = [1, 2].map((seq) => ({ seq, at: new Date(at), who: 'ada', note: `${seq}` }));
  const [statement] = insertRows(dialects.postgresql, 'notes', NOTES, rows, { alike: [['at', 'who'], ['note']] });
  expect(statement?.sql).toContain(
    'select cast(value ->> 0 as bigint) as seq, cast(? as timestamptz) as at, cast(? as text) as who, value ->> 1 as note',
  );
  expect(statement?.params).toEqual([at, 'ada', '[[1,"1"],[2,"2"]]']);
});

test('whatever comes, a table has no more than 64 statements and the one with all columns', () => {
  const shapes = Array.from({ length: 127 }, (_, at) => columnsOf('many', at + 1));
  expect(new Set(shapes).size).toBe(65);
  expect(shapes.at(-2)).toBe('a, b, c, d, e, f, g');
  expect(columnsOf('many', 1)).toBe('a');
});
