export { amongRows, insertRows, sourceOf, writeTogether, type Columns, type RowOf } from './batch.ts';
export type { Dialect } from './dialect.ts';
export { openDatabase, type Database } from './open.ts';
export { isConnectionLost, isLocked, isUniqueViolation } from './failures.ts';
export { CommitUnknown } from './open-transaction.ts';
export type { Run, SqlValue, Statement } from './query.ts';
export { entities } from './entities.ts';
