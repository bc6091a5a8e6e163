export { openDatabase, type Database } from './open.ts';
export { isUniqueViolation } from './failures.ts';
export type { Run, SqlValue, Statement } from './query.ts';
export { mayRetry } from './failures.ts';
