import type { Statement as StatementView, TransactionView } from '@org/core';
import type { Request } from 'express';

import { sendCsv, wantsCsv } from '../http/csv.ts';
import { coreFor } from '../http/exchange.ts';
import { statementTable, transactionTable } from './credits.csv.ts';
import {
  presentBalance,
  presentPastBalance,
  presentTransaction,
  type Balance,
  type BalanceQuery,
  type PastBalance,
  type TransactionList,
  type TransactionQuery,
} from './credits.wire.ts';
import { presentStretch } from './paging.ts';
import { presentStatement, type Statement, type StatementQuery } from './statements.wire.ts';
import { parseTime } from './times.ts';

/** What whoever may read a user's credits can ask, the user or somebody else. */
export async function readBalance(
  request: Request,
  userId: string,
  { unit, ...query }: BalanceQuery,
): Promise<Balance | PastBalance> {
  const { credits } = coreFor(request);
  const at = parseTime('at', query.at);
  return at === undefined
    ? presentBalance(await credits.balance({ userId, unit }))
    : presentPastBalance(await credits.balanceAt({ userId, unit, at }));
}

/** One stretch as JSON, or everything from the cursor on as CSV. */
export async function readTransactions(
  request: Request,
  userId: string,
  { unit, type, cursor, limit, ...query }: TransactionQuery,
): Promise<TransactionList> {
  const core = coreFor(request);
  const span = { from: parseTime('from', query.from), to: parseTime('to', query.to) };
  const filter = { userId, unit, type, cursor, ...span };
  if (!wantsCsv(request))
    return presentStretch(await core.credits.transactions({ ...filter, limit }), presentTransaction);
  await sendCsv(request, transactionTable(core, filter));
  // The rows are sent. The type is what the OpenAPI document is generated from.
  return undefined as unknown as TransactionList;
}

const STATEMENT_ENTRIES_MAX = 100;

/** With its first transactions as JSON, or with all of them as CSV. */
export async function readStatement(
  request: Request,
  userId: string,
  { unit, limit = STATEMENT_ENTRIES_MAX, ...query }: StatementQuery,
): Promise<Statement> {
  const span = { from: parseTime('from', query.from), to: parseTime('to', query.to) };
  const statement = await coreFor(request).credits.statement({ userId, unit, ...span });
  if (!wantsCsv(request)) return presentStatement(statement, await firstEntries(statement, limit));
  await sendCsv(request, statementTable(statement));
  // The rows are sent. The type is what the OpenAPI document is generated from.
  return undefined as unknown as Statement;
}

async function firstEntries(
  statement: StatementView,
  limit: number,
): Promise<{ data: TransactionView[]; hasMore: boolean }> {
  const data: TransactionView[] = [];
  for await (const entry of statement.entries()) {
    if (data.length === limit) return { data, hasMore: true };
    data.push(entry);
  }
  return { data, hasMore: false };
}

/** The signed receipt itself, not JSON. */
export async function sendReceipt(request: Request, userId: string, id: string): Promise<string> {
  const receipt = await coreFor(request).credits.receipt({ id, userId });
  request.res?.setHeader('Content-Type', 'application/jwt').end(receipt);
  return receipt;
}
