import { DatabaseSync } from 'node:sqlite';
import { Secret } from '@org/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from './app.ts';
import { freshDatabase } from './databases.ts';
import { operations } from './http.ts';

/** What each kind of caller gets: nobody, the user in the path, another user, an admin. */
type Row = readonly [nobody: number, owner: number, other: number, admin: number];

const OPEN = (status: number): Row => [status, status, status, status];
const OWN = (status: number): Row => [401, status, status, status];
const PERMITTED = (status: number): Row => [401, 403, 403, status];

/** Every operation of the API. One that is missing here fails the test. */
const expected: Record<string, Row> = {
  login: OPEN(200),
  refreshTokens: OPEN(200),
  logout: OWN(204),
  logoutAll: OWN(204),
  changePassword: [401, 204, 204, 422],
  validateToken: PERMITTED(200),
  revokeToken: PERMITTED(204),
  getMe: OWN(200),
  updateMe: OWN(200),
  deleteMe: [401, 204, 204, 409],
  getMyCredits: OWN(200),
  listMyTransactions: OWN(200),
  listMySessions: OWN(200),
  revokeMySession: OWN(404),
  getMyTransaction: [401, 200, 404, 404],
  getMyReceipt: [401, 200, 404, 404],
  getMyStatement: OWN(200),
  listUsers: PERMITTED(200),
  createUser: PERMITTED(201),
  getUser: PERMITTED(200),
  updateUser: PERMITTED(200),
  deleteUser: PERMITTED(204),
  deactivateUser: PERMITTED(200),
  reactivateUser: PERMITTED(409),
  setUserRoles: PERMITTED(200),
  listSessions: PERMITTED(200),
  revokeSessions: PERMITTED(204),
  listRoles: PERMITTED(200),
  getCredits: PERMITTED(200),
  postTransaction: PERMITTED(201),
  listTransactions: PERMITTED(200),
  listKeys: PERMITTED(200),
  rotateKeys: PERMITTED(200),
  getTransaction: PERMITTED(200),
  getReceipt: PERMITTED(200),
  getStatement: PERMITTED(200),
  setCreditLimits: PERMITTED(200),
  holdCredits: PERMITTED(201),
  getHold: PERMITTED(200),
  captureHold: PERMITTED(201),
  releaseHold: PERMITTED(201),
  transferCredits: PERMITTED(201),
  postBatch: PERMITTED(200),
  getKeys: OPEN(200),
  getDiscovery: OPEN(200),
  getRevocations: OPEN(200),
  getHealth: OPEN(200),
  getLiveness: OPEN(200),
  getReadiness: OPEN(200),
  getStatus: OPEN(401),
};

const callers = ['nobody', 'owner', 'other', 'admin'] as const;
/** Their tokens have not expired, and are worth nothing. */
const gone = ['inactive', 'deleted'] as const;

describe('authorization', () => {
  let app: TestApp;
  let databaseUrl: string;
  beforeAll(async () => {
    databaseUrl = await freshDatabase('sqlite');
    app = await openTestApp(databaseUrl, { statusToken: new Secret('a-status-token-of-this-test') });
  });
  afterAll(() => app.close());

  it('knows every operation of the API and no other', () => {
    expect(operations.map(({ operation }) => operation.operationId).toSorted()).toEqual(
      Object.keys(expected).toSorted(),
    );
  });

  let made = 0;

  /** Fresh users for every case, since some cases end a session or a user. */
  async function cast() {
    made += 1;
    const [owner, other] = [await app.user(`owner${made}@example.org`), await app.user(`other${made}@example.org`)];
    const bought = await app.core.credits.purchase({ userId: owner.id, amount: 10 });
    const hold = await app.core.credits.hold({ userId: owner.id, amount: 5 });
    return { owner, other, admin: await app.admin(), transactionId: bought.id, holdId: hold.id };
  }

  /** The address of an operation, on what is the owner's. */
  function addressOf(path: string, { owner, transactionId, holdId }: Awaited<ReturnType<typeof cast>>): string {
    const id = path.startsWith('/api/credits/holds/') ? holdId : owner.id;
    const address = path.replace('{id}', id).replace('{transaction_id}', transactionId);
    return path.endsWith('/statement') ? `${address}?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z` : address;
  }

  async function httpOf(caller: (typeof callers | typeof gone)[number], people: Awaited<ReturnType<typeof cast>>) {
    if (caller === 'nobody') return app.http;
    if (caller !== 'inactive' && caller !== 'deleted') return people[caller].http;
    const { id, http } = await app.user(`${caller}${made}@example.org`, { roles: ['admin'] });
    await (caller === 'inactive' ? app.core.users.deactivate({ id }) : app.core.users.remove({ id }));
    return http;
  }

  for (const { path, method, operation } of operations) {
    const row = expected[operation.operationId];
    const asNobody = gone.map((caller) => [caller, row?.[0]] as const);
    it.each([...callers.map((caller, column) => [caller, row?.[column]] as const), ...asNobody])(
      `${method} ${path}: %s gets %i`,
      async (caller, status) => {
        const people = await cast();
        const http = await httpOf(caller, people);
        const body = bodyOf(operation.operationId, people, made);
        const answer = await http.raw(addressOf(path, people), {
          method,
          ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        });
        expect(answer.status).toBe(status);
      },
    );
  }

  it('a refusal is the same whether or not the user exists', async () => {
    const { other, owner } = await cast();
    const there = await other.http.get(`/api/users/${owner.id}`);
    const missing = await other.http.get('/api/users/01900000-0000-7000-8000-000000000000');
    expect([missing.status, missing.body['code'], missing.body['detail']]).toEqual([
      403,
      there.body['code'],
      there.body['detail'],
    ]);
  });

  it('whoever may write users but not roles makes no admin', async () => {
    const database = new DatabaseSync(databaseUrl.slice('sqlite:'.length));
    database.exec(`insert into role values ('editor', '', '["users:write"]', 0, '2026-01-01T00:00:00.000Z')`);
    database.close();
    const editor = await app.user('editor@example.org', { roles: ['editor'] });
    const raised = await editor.http.post('/api/users', { email: 'raised@example.org', roles: ['admin'] });
    expect([raised.status, raised.body['code']]).toEqual([403, 'auth.scope_missing']);
    expect((await editor.http.post('/api/users', { email: 'plain@example.org' })).status).toBe(201);
  });
});

function bodyOf(
  operationId: string,
  { owner, other }: { owner: SignedIn; other: SignedIn },
  number: number,
): object | undefined {
  const bodies: Record<string, object> = {
    login: { email: `owner${number}@example.org`, password: 'a long password' },
    refreshTokens: { refresh_token: owner.refreshToken },
    changePassword: { current_password: 'a long password', new_password: 'another long password' },
    validateToken: { token: 'no token' },
    revokeToken: { token: 'no token' },
    updateMe: { name: 'Me' },
    createUser: { email: `new${number}@example.org` },
    updateUser: { name: 'New' },
    deactivateUser: { reason: 'test' },
    reactivateUser: {},
    setUserRoles: { roles: ['user'] },
    postTransaction: { type: 'purchase', amount: 1 },
    setCreditLimits: { floor: -1 },
    holdCredits: { amount: 1 },
    captureHold: { amount: 1 },
    transferCredits: { to: other.id, amount: 1 },
    postBatch: { items: [{ type: 'spend', user_id: owner.id, amount: 1 }] },
  };
  return bodies[operationId];
}
