import type { Tx } from '../kernel/transaction.ts';
import type { Statement } from './query.ts';

/** A transaction that its holder ends, in as few round trips as the database allows. */
export interface OpenTransaction {
  readonly tx: Tx;
  /** @throws CommitUnknown when the connection was lost before the answer */
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** COMMIT was sent and its answer never came: only the database knows what became of the transaction. */
export class CommitUnknown extends Error {
  constructor(cause: unknown) {
    super('the connection was lost while the transaction was being committed', { cause });
  }
}

type Write = (statement: Statement) => void;
const writers = new WeakMap<Tx, Write>();

/** Says how this transaction takes writes that nobody waits for. */
export function takesWrites(tx: Tx, write: Write): void {
  writers.set(tx, write);
}

/** Sends writes without waiting for them: COMMIT does. False when this transaction has no such way. */
export function writeUnawaited(tx: Tx, statements: readonly Statement[]): boolean {
  const write = writers.get(tx);
  if (write === undefined) return false;
  for (const statement of statements) write(statement);
  return true;
}
