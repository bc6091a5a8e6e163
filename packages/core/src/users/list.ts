import type { SqlValue } from '../database/index.ts';
import { checkText, requireValid } from '../kernel/fields.ts';
import type { FieldProblem } from '../kernel/errors.ts';
import { parsePage, type Page } from '../kernel/page.ts';
import type { Scope } from '../scope.ts';
import { emailKey } from './email.ts';
import { USER_STATUSES, type UserStatus } from './entities.ts';
import { selectUsers, viewOf, type UserRow, type UserView } from './views.ts';

/** What may be sorted by. A leading `-` turns the order round. */
export const USER_SORTS = {
  created_at: 'u.created_at',
  updated_at: 'u.updated_at',
  email: 'u.email_key',
  name: 'u.name',
  last_login_at: 'u.last_login_at',
} as const;

export interface UserFilter {
  /** Part of the e-mail address or the name, in any case. At most 200 characters. */
  search?: string | undefined;
  type?: string | undefined;
  /** All but the deleted unless told. */
  status?: UserStatus | undefined;
  role?: string | undefined;
  createdFrom?: Date | undefined;
  createdTo?: Date | undefined;
  /** A key of USER_SORTS, with `-` before it for the opposite order; `-created_at` unless told. */
  sort?: string | undefined;
  page?: number | undefined;
  limit?: number | undefined;
}

/** A page of users that fit every filter given. @throws InvalidInput */
export async function listUsers(scope: Scope, filter: UserFilter): Promise<Page<UserView>> {
  const { database } = scope;
  const { page, limit, offset } = parsePage(filter);
  const order = parseSort(filter.sort ?? '-created_at');
  const { where, params } = conditions(filter);
  const [counted, rows] = await Promise.all([
    database.read<{ n: string | number }>(`select count(*) as n from users u where ${where}`, params),
    database.read<UserRow>(`${selectUsers(database.dialect)} where ${where} order by ${order}, u.id limit ? offset ?`, [
      ...params,
      limit,
      offset,
    ]),
  ]);
  return { data: rows.map((row) => viewOf(row, database.dialect)), total: Number(counted[0]?.n ?? 0), page, limit };
}

function parseSort(sort: string): string {
  const descending = sort.startsWith('-');
  const name = descending ? sort.slice(1) : sort;
  const column = Object.hasOwn(USER_SORTS, name) ? USER_SORTS[name as keyof typeof USER_SORTS] : undefined;
  requireValid(column === undefined ? unknownValue('sort', Object.keys(USER_SORTS)) : undefined);
  // Who never signed in comes last either way; the other columns have no nulls, and an index to go by.
  const nulls = name === 'last_login_at' ? ' nulls last' : '';
  return `${column} ${descending ? 'desc' : 'asc'}${nulls}`;
}

function conditions(filter: UserFilter): { where: string; params: SqlValue[] } {
  requireValid(
    filter.search === undefined ? undefined : checkText('search', filter.search, { max: 200 }),
    filter.status === undefined || USER_STATUSES.includes(filter.status)
      ? undefined
      : unknownValue('status', USER_STATUSES),
  );
  const search = filter.search === undefined ? undefined : `%${emailKey(filter.search).replace(/[\\%_]/g, '\\$&')}%`;
  const parts: [condition: string, ...values: (SqlValue | undefined)[]][] = [
    [String.raw`u.search_key like ? escape '\'`, search],
    ['u.type = ?', filter.type],
    ['u.status = ?', filter.status],
    ['exists (select 1 from user_role r where r.user_id = u.id and r.role_name = ?)', filter.role],
    ['u.created_at >= ?', filter.createdFrom],
    ['u.created_at < ?', filter.createdTo],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  const hideDeleted = filter.status === undefined ? ["u.status <> 'deleted'"] : [];
  return {
    where: [...hideDeleted, ...given.map(([condition]) => condition)].join(' and ') || 'true',
    params: given.flatMap(([, ...values]) => values.filter((value) => value !== undefined)),
  };
}

function unknownValue(field: string, allowed: readonly string[]): FieldProblem {
  return { field, code: 'unknown_value', message: `must be one of ${allowed.join(', ')}` };
}
