/** Every difference between the two databases that our own SQL has to know, in one table. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgresql';
  /** Appended to a SELECT that must lock its rows. SQLite's writers are alone already. */
  readonly forUpdate: string;
  /** A case-insensitive LIKE. */
  readonly like: string;
  readonly toTime: (date: Date) => unknown;
  readonly fromTime: (value: unknown) => Date;
}

export const dialects = {
  sqlite: {
    name: 'sqlite',
    forUpdate: '',
    like: 'like',
    toTime: (date) => date.getTime(),
    fromTime: (value) => new Date(Number(value)),
  },
  postgresql: {
    name: 'postgresql',
    forUpdate: ' for no key update',
    like: 'ilike',
    toTime: (date) => date,
    fromTime: (value) => (value instanceof Date ? value : new Date(String(value))),
  },
} as const satisfies Record<string, Dialect>;
