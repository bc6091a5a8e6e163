import { amongRows, insertRows, isUniqueViolation, type Columns, type Run, type Statement } from '../database/index.ts';
import { plusSeconds } from '../kernel/clock.ts';
import type { DomainError } from '../kernel/errors.ts';
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

/** A request that a posting answers, and how: `render` gives undefined for a refusal that is not to be kept. */
export interface KeyedPosting {
  readonly request: KeyedRequest;
  readonly render: (outcome: { result: unknown } | { refusal: DomainError }) => StoredAnswer | undefined;
}

/**
 * The answer that this request had before, if it had one in the last 24 hours.
 *
 * @throws KeyReused when the key came with another body
 */
export async function findAnswer(scope: Scope, request: KeyedRequest): Promise<StoredAnswer | undefined> {
  const found = (await findAnswers(scope, scope.database.read, [request])).get(request);
  if (found instanceof KeyReused) throw found;
  return found;
}

/** The answers that requests had in the last 24 hours, read at once; KeyReused where the key came with another body. */
export async function findAnswers(
  scope: Scope,
  run: Run,
  requests: readonly KeyedRequest[],
): Promise<ReadonlyMap<KeyedRequest, StoredAnswer | KeyReused>> {
  const keys = requests.map(keyOfRequest);
  const named = amongKeys(scope, keys);
  const rows = await run<AnswerRow>(
    `select scope, request_hash, status, headers, body from idempotency_record where ${named.sql} and expires_at > ?`,
    [...named.params, scope.now()],
  );
  const byKey = new Map(rows.map((row) => [row.scope, row]));
  return new Map(
    requests.flatMap((request, index) => {
      const row = byKey.get(keys[index] as string);
      return row === undefined ? [] : [[request, answerOf(scope, row, request)] as const];
    }),
  );
}

interface AnswerRow {
  scope: string;
  request_hash: string;
  status: number;
  headers: unknown;
  body: string;
}

function answerOf(scope: Scope, row: AnswerRow, request: KeyedRequest): StoredAnswer | KeyReused {
  const previous = scope.vault.previousMac('idempotency', request.body)?.toString('hex');
  if (row.request_hash !== hashOf(scope, request) && row.request_hash !== previous) return new KeyReused();
  return { status: row.status, headers: fromJson(row.headers), body: row.body };
}

const COLUMNS = {
  scope: 'text',
  request_hash: 'text',
  status: 'integer',
  headers: 'json',
  body: 'text',
  created_at: 'time',
  expires_at: 'time',
} as const satisfies Columns;

/** Answers of one batch are given at one moment, mostly with one status. */
const ALIKE = [['status', 'created_at', 'expires_at']];

/**
 * The writes that store answers, whatever their number: those that have expired make room. A unique violation says that
 * another transaction has stored one of them since.
 */
export function answerWrites(
  scope: Scope,
  answers: readonly { request: KeyedRequest; answer: StoredAnswer }[],
): Statement[] {
  if (answers.length === 0) return [];
  const now = scope.now();
  const rows = answers.map(({ request, answer }) => ({
    scope: keyOfRequest(request),
    request_hash: hashOf(scope, request),
    status: answer.status,
    headers: answer.headers,
    body: answer.body,
    created_at: now,
    expires_at: plusSeconds(now, IDEMPOTENCY_KEPT_SECONDS),
  }));
  const named = amongKeys(
    scope,
    rows.map((row) => row.scope),
  );
  return [
    { sql: `delete from idempotency_record where ${named.sql} and expires_at <= ?`, params: [...named.params, now] },
    ...insertRows(scope.database.dialect, 'idempotency_record', COLUMNS, rows, { alike: ALIKE }),
  ];
}

function amongKeys(scope: Scope, keys: readonly string[]): Statement {
  return amongRows(
    scope.database.dialect,
    { scope: 'text' },
    keys.map((key) => ({ scope: key })),
  );
}

/** Whose key it is, and of what route: the name under which the answer is stored. */
export function keyOfRequest({ caller, method, route, key }: KeyedRequest): string {
  return sha256Hex(JSON.stringify([caller, method, route, key]));
}

/**
 * Stores the answer in the transaction of its effect.
 *
 * @throws StillInFlight when another process stored one since: its effect stands, and this one is rolled back
 */
async function storeAnswer(scope: Scope, tx: Tx, request: KeyedRequest, answer: StoredAnswer): Promise<void> {
  const run = scope.database.in(tx);
  try {
    for (const { sql, params } of answerWrites(scope, [{ request, answer }])) await run(sql, params);
  } catch (error) {
    throw isUniqueViolation(error, 'idempotency_record') ? new StillInFlight() : error;
  }
}

/** Keyed, since a body may hold a password: without SECRET_KEY nobody can try guesses against it. */
function hashOf({ vault }: Scope, { body }: KeyedRequest): string {
  return vault.mac('idempotency', body).toString('hex');
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
