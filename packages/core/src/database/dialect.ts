/** Every difference between the two databases that our own SQL has to know, in one table. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgresql';
  /** Appended to a SELECT that must lock its rows. SQLite's writers are alone already. */
  readonly forUpdate: string;
  /** All values of a column as one JSON array; null or empty when there are none. */
  readonly jsonArrayOf: (column: string) => string;
  /** Makes transactions that ask for the same name take turns. Writers on SQLite do so anyway. */
  readonly takeTurns: string;
  readonly fromTime: (value: unknown) => Date;
}

export const dialects = {
  sqlite: {
    name: 'sqlite',
    forUpdate: '',
    jsonArrayOf: (column) => `json_group_array(${column})`,
    takeTurns: 'select ?',
    fromTime: (value) => new Date(Number(value)),
  },
  postgresql: {
    name: 'postgresql',
    forUpdate: ' for no key update',
    jsonArrayOf: (column) => `json_agg(${column})`,
    takeTurns: 'select pg_advisory_xact_lock(hashtext(?))',
    fromTime: (value) => (value instanceof Date ? value : new Date(String(value))),
  },
} as const satisfies Record<string, Dialect>;
