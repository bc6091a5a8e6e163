import { createVerifier } from '@org/jwt-client';
import { verifyReceipt, type JSONWebKeySet } from '@org/jwt-client/receipts';
import { expect, it, onTestFinished } from 'vitest';

import { startServer } from './server-process.ts';

it('a client team verifies tokens offline, hears of a sign-out within seconds, and asks nothing per request', async () => {
  const server = await (await startServer({})).ready();
  onTestFinished(() => server.kill());
  const requests: string[] = [];
  const counting: typeof fetch = async (input, init) => {
    requests.push(input instanceof Request ? input.url : String(input));
    return fetch(input, init);
  };
  const verifier = createVerifier({ issuer: server.url, audience: 'users-service', jwks: { fetch: counting } });
  onTestFinished(() => verifier.close());

  const { body } = await server.http.post('/api/auth/login', {
    email: 'admin@example.org',
    password: 'the admin password',
  });
  const token = String(body['access_token']);
  expect((await verifier.verify(token, { role: 'admin', scope: 'credits:write' })).kind).toBe('user');
  const atFirst = requests.length;
  for (let time = 0; time < 500; time++) await verifier.verify(token);
  expect(requests.length - atFirst).toBeLessThanOrEqual(2);

  const signedIn = { authorization: `Bearer ${token}` };
  expect((await server.http.post('/api/auth/logout', {}, signedIn)).status).toBe(204);
  const code = async (): Promise<string> => {
    const outcome = await verifier.safeVerify(token);
    return outcome.ok ? 'accepted' : outcome.error.code;
  };
  await expect.poll(code, { timeout: 10_000, interval: 100 }).toBe('token_revoked');
});

it('a receipt of the ledger is verified offline with the published keys', async () => {
  const server = await (await startServer({})).ready();
  onTestFinished(() => server.kill());
  const admin = await server.signIn();
  const { body: me } = await admin.get('/api/users/me');
  const { body: posted } = await admin.post(`/api/users/${String(me['id'])}/credits`, { type: 'purchase', amount: 7 });
  const address = `${server.url}/api/users/${String(me['id'])}/credits/transactions/${String(posted['id'])}/receipt`;
  const { body: pair } = await server.http.post('/api/auth/login', {
    email: 'admin@example.org',
    password: 'the admin password',
  });
  const answer = await fetch(address, { headers: { authorization: `Bearer ${String(pair['access_token'])}` } });
  const keys = (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
  const { subject, receipt } = verifyReceipt(await answer.text(), { issuer: server.url, keys });
  expect(subject).toBe(me['id']);
  expect(receipt).toMatchObject({ id: posted['id'], seq: 1, type: 'purchase', amount: 7, balance_after: 7 });
});
