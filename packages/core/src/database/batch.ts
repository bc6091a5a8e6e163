import type { Dialect } from './dialect.ts';
import type { Run, Statement } from './query.ts';

/**
 * Statements that carry any number of rows in one bound JSON text: their SQL does not depend on how many rows there are,
 * so each is parsed and planned once, and the limits on bound values do not matter.
 */
const jsonRows = {
  sqlite: {
    each: 'json_each(?)',
    time: (date: Date): unknown => date.getTime(),
    column: { uuid: asIs, text: asIs, integer: asIs, time: asIs, json: asIs, bytes: (value) => `unhex(${value})` },
  },
  postgresql: {
    each: 'jsonb_array_elements(cast(? as jsonb))',
    time: (date: Date): unknown => date.toISOString(),
    column: {
      uuid: castTo('uuid'),
      text: asIs,
      integer: castTo('bigint'),
      time: castTo('timestamptz'),
      json: castTo('jsonb'),
      bytes: (value) => `decode(${value}, 'hex')`,
    },
  },
} satisfies Record<
  Dialect['name'],
  { each: string; time: (date: Date) => unknown; column: Record<ColumnType, (value: string) => string> }
>;

interface ColumnValues {
  uuid: string;
  text: string;
  integer: number;
  time: Date;
  bytes: Buffer;
  json: unknown;
}
type ColumnType = keyof ColumnValues;

export type Columns = Readonly<Record<string, ColumnType>>;
export type RowOf<C extends Columns> = { readonly [Name in keyof C]: ColumnValues[C[Name]] | null };

/** One INSERT of all the rows. The names are constants of the source, never input. */
export function insertRows<C extends Columns>(
  dialect: Dialect,
  table: string,
  columns: C,
  rows: readonly RowOf<C>[],
): Statement {
  const selected = selectRows(dialect, columns, rows);
  return { sql: `insert into ${table} (${namesOf(columns)}) ${selected.sql}`, params: selected.params };
}

/** The condition that these columns are equal to one of the rows. */
export function amongRows<C extends Columns>(dialect: Dialect, columns: C, rows: readonly RowOf<C>[]): Statement {
  const selected = selectRows(dialect, columns, rows);
  return { sql: `(${namesOf(columns)}) in (${selected.sql})`, params: selected.params };
}

function selectRows<C extends Columns>(dialect: Dialect, columns: C, rows: readonly RowOf<C>[]): Statement {
  const { each, column, time } = jsonRows[dialect.name];
  const values = Object.entries(columns).map(([name, type]) => column[type](`value ->> '${name}'`));
  return {
    sql: `select ${values.join(', ')} from ${each}`,
    params: [JSON.stringify(rows.map((row) => plain(row, time)))],
  };
}

function namesOf(columns: Columns): string {
  return Object.keys(columns).join(', ');
}

/**
 * Runs writes that do not read one another, in as few round trips as the database allows: PostgreSQL takes them as one
 * statement, and its AFTER triggers run when all of it is done.
 */
export async function writeTogether(dialect: Dialect, run: Run, statements: readonly Statement[]): Promise<void> {
  await writeWays[dialect.name](run, statements);
}

const writeWays = {
  sqlite: async (run, statements) => {
    for (const { sql, params } of statements) await run(sql, params);
  },
  postgresql: async (run, statements) => {
    const parts = statements.map(({ sql }, index) => `write_${index} as (${sql})`);
    await run(
      `with ${parts.join(', ')} select 1`,
      statements.flatMap(({ params }) => params),
    );
  },
} satisfies Record<Dialect['name'], (run: Run, statements: readonly Statement[]) => Promise<void>>;

function plain(row: Readonly<Record<string, unknown>>, time: (date: Date) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value, time)]));
}

function plainValue(value: unknown, time: (date: Date) => unknown): unknown {
  if (value instanceof Date) return time(value);
  return Buffer.isBuffer(value) ? value.toString('hex') : value;
}

function asIs(value: string): string {
  return value;
}

function castTo(type: string): (value: string) => string {
  return (value) => `cast(${value} as ${type})`;
}
