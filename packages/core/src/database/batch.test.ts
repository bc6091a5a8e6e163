import { expect, test } from 'vitest';

import { insertRows } from './batch.ts';
import { dialects } from './dialect.ts';

const COLUMNS = { a: 'integer', b: 'integer', c: 'integer', d: 'integer', e: 'integer', f: 'integer' } as const;
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

test('whatever comes, a table has no more than 32 statements and the one with all columns', () => {
  const shapes = Array.from({ length: 63 }, (_, at) => columnsOf('many', at + 1));
  expect(new Set(shapes).size).toBe(33);
  expect(shapes.at(-2)).toBe('a, b, c, d, e, f');
  expect(columnsOf('many', 1)).toBe('a');
});
