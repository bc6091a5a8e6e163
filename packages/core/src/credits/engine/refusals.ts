import { amongRows, insertRows, type Columns, type Statement } from '../../database/index.ts';
import { KeyReused } from '../../idempotency/index.ts';
import { DomainError } from '../../kernel/errors.ts';
import { fromJson } from '../../kernel/json.ts';
import type { Tx } from '../../kernel/transaction.ts';
import type { Scope } from '../../scope.ts';
import { UserMissing } from '../../users/index.ts';
import { keyOf } from '../earlier.ts';
import * as reasons from '../errors.ts';
import type { Operation } from '../operation.ts';
import type { Settled } from './answers.ts';

const COLUMNS = {
  client_id: 'text',
  idem_key: 'text',
  request_hash: 'bytes',
  code: 'text',
  message: 'text',
  facts: 'json',
  created_at: 'time',
} as const satisfies Columns;

interface RefusalRow {
  client_id: string;
  idem_key: string;
  request_hash: Buffer;
  code: string;
  message: string;
  facts: unknown;
}

/** Operations whose key was refused before, with that refusal, or with KeyReused when the request was another one. */
export async function findRefusals(
  scope: Scope,
  tx: Tx,
  operations: readonly Operation[],
): Promise<readonly (readonly [Operation, DomainError])[]> {
  const keyed = operations.filter(({ idemKey }) => idemKey !== null);
  if (keyed.length === 0) return [];
  const named = amongRows(
    scope.database.dialect,
    { client_id: 'text', idem_key: 'text' },
    keyed.map(({ context, idemKey }) => ({ client_id: context.clientId, idem_key: idemKey })),
  );
  const rows = await scope.database.in(tx)<RefusalRow>(`select * from credit_refusal where ${named.sql}`, named.params);
  const byKey = new Map(rows.map((row) => [keyOf(row.client_id, row.idem_key), row]));
  return keyed.flatMap((operation) => {
    const row = byKey.get(keyOf(operation.context.clientId, operation.idemKey as string));
    return row === undefined ? [] : [[operation, refusalFor(operation, row)] as const];
  });
}

function refusalFor({ requestHash }: Operation, row: RefusalRow): DomainError {
  return requestHash?.equals(row.request_hash) === true ? rebuilt(row) : new KeyReused();
}

/** The INSERT of the refusals that operations with a key have met, if there are any. */
export function refusalWrites(scope: Scope, settled: readonly Settled[]): Statement[] {
  const rows = settled.flatMap(({ operation: { context, idemKey, requestHash }, result }) =>
    idemKey === null || !(result instanceof DomainError)
      ? []
      : [
          {
            client_id: context.clientId,
            idem_key: idemKey,
            request_hash: requestHash,
            code: result.code,
            message: result.message,
            facts: result.facts,
            created_at: scope.now(),
          },
        ],
  );
  return rows.length === 0 ? [] : insertRows(scope.database.dialect, 'credit_refusal', COLUMNS, rows);
}

type Refusal = { readonly prototype: DomainError; readonly reason: { readonly code: string } };

/** What a posting can be refused for, by its permanent code. */
const classes = new Map(
  [...Object.values<Refusal>(reasons), UserMissing].map((refusal): [string, Refusal] => [refusal.reason.code, refusal]),
);

/** The same refusal once more. Its constructor is not called: the message and the facts are the stored ones. */
function rebuilt({ code, message, facts }: RefusalRow): DomainError {
  const refusal = classes.get(code);
  if (refusal === undefined) throw new Error(`credit_refusal holds ${code}, which this version does not know`);
  const error = Object.setPrototypeOf(new Error(message), refusal.prototype) as DomainError;
  return Object.assign(error, {
    reason: refusal.reason,
    facts: fromJson(facts),
    fields: [],
    retryAfterSeconds: undefined,
  });
}
