import { isUniqueViolation } from '../database/index.ts';
import { plusSeconds } from '../kernel/clock.ts';
import { fromJson } from '../kernel/json.ts';
import { sha256Hex } from '../kernel/secrets.ts';
import { transact, type Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { KeyReused, StillInFlight } from './errors.ts';

export const IDEMPOTENCY_KEPT_SECONDS = 24 * 60 * 60;

/** A request as its sender identified it. */
export interface KeyedRequest {
  caller: string;
  method: string;
  route: string;
  key: string;
  /** Whatever else makes it the same request, as text. */
  body: string;
}

/** An answer in the bytes that were sent. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * The answer that this request had before, if it had one in the last 24 hours.
 *
 * @throws KeyReused when the key came with another body
 */
export async function findAnswer(scope: Scope, request: KeyedRequest): Promise<StoredAnswer | undefined> {
  const rows = await scope.database.read<AnswerRow>(
    'select request_hash, status, headers, body from idempotency_record where scope = ? and expires_at > ?',
    [scopeOf(request), scope.now()],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  if (row.request_hash !== hashOf(scope, request)) throw new KeyReused();
  return { status: row.status, headers: fromJson(row.headers), body: row.body };
}

interface AnswerRow {
  request_hash: string;
  status: number;
  headers: unknown;
  body: string;
}

/**
 * Stores the answer in the transaction of its effect.
 *
 * @throws StillInFlight when another process stored one since: its effect stands, and this one is rolled back
 */
async function storeAnswer(scope: Scope, tx: Tx, request: KeyedRequest, answer: StoredAnswer): Promise<void> {
  const run = scope.database.in(tx);
  const key = scopeOf(request);
  await run('delete from idempotency_record where scope = ? and expires_at <= ?', [key, scope.now()]);
  try {
    await run(
      `insert into idempotency_record (scope, request_hash, status, headers, body, created_at, expires_at)
       values (?, ?, ?, ?, ?, ?, ?)`,
      [
        key,
        hashOf(scope, request),
        answer.status,
        JSON.stringify(answer.headers),
        answer.body,
        scope.now(),
        plusSeconds(scope.now(), IDEMPOTENCY_KEPT_SECONDS),
      ],
    );
  } catch (error) {
    throw isUniqueViolation(error, 'idempotency_record') ? new StillInFlight() : error;
  }
}

/** Keyed, since a body may hold a password: without SECRET_KEY nobody can try guesses against it. */
function hashOf({ vault }: Scope, { body }: KeyedRequest): string {
  return vault.mac('idempotency', body).toString('hex');
}

function scopeOf({ caller, method, route, key }: KeyedRequest): string {
  return sha256Hex(JSON.stringify([caller, method, route, key]));
}

/** For `core.as({ beforeCommit })`: stores the answer that `render` makes of the use case's result. */
export function storing(scope: Scope, request: KeyedRequest, render: (result: unknown) => StoredAnswer) {
  return (tx: Tx, result: unknown): Promise<void> => storeAnswer(scope, tx, request, render(result));
}

/**
 * Stores a refusal by a business rule, after its transaction was rolled back.
 *
 * @throws StillInFlight when another process stored an answer since: that one counts, perhaps the effect that caused the refusal
 */
export async function storeRefusal(scope: Scope, request: KeyedRequest, answer: StoredAnswer): Promise<void> {
  await transact({ ...scope, context: {} }, (tx) => storeAnswer(scope, tx, request, answer));
}
