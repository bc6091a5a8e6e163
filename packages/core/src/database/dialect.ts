/** Every difference between the two databases that our own SQL has to know, in one table. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgresql';
  /** Appended to a SELECT that must lock its rows. SQLite's writers are alone already. */
  readonly forUpdate: string;
  /** Appended to a SELECT whose rows must not change until the transaction ends. */
  readonly forShare: string;
  /** All values of a column as one JSON array; null or empty when there are none. */
  readonly jsonArrayOf: (column: string) => string;
  /** Makes transactions that ask for the same name take turns. Writers on SQLite do so anyway. */
  readonly takeTurns: string;
  readonly fromTime: (value: unknown) => Date;
  /** What the running transaction writes into the `position` of a table that is read in stretches (decision 0006). */
  readonly writePosition: (table: string) => string;
  /** The lowest `position` that may still appear: whoever has read everything below it has missed nothing. */
  readonly settledPosition: (table: string) => string;
}

export const dialects = {
  sqlite: {
    name: 'sqlite',
    forUpdate: '',
    forShare: '',
    jsonArrayOf: (column) => `json_group_array(${column})`,
    takeTurns: 'select ?',
    fromTime: (value) => new Date(Number(value)),
    // Writers are alone, so they commit in the order in which they number.
    writePosition: (table) => `(select coalesce(max(position), 0) + 1 from ${table})`,
    settledPosition: (table) => `(select coalesce(max(position), 0) + 1 from ${table})`,
  },
  postgresql: {
    name: 'postgresql',
    forUpdate: ' for no key update',
    forShare: ' for share',
    jsonArrayOf: (column) => `json_agg(${column})`,
    takeTurns: 'select pg_advisory_xact_lock(hashtext(?))',
    fromTime: (value) => (value instanceof Date ? value : new Date(String(value))),
    writePosition: () => 'cast(cast(pg_current_xact_id() as text) as bigint)',
    // The oldest transaction that still runs; those that begin later get higher numbers.
    settledPosition: () => 'cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)',
  },
} as const satisfies Record<string, Dialect>;
