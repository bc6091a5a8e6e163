import { randomUUID } from 'node:crypto';

import type { Answer } from '../api.ts';
import { prove, type Step, type Tour } from '../step.ts';

export const credits: Step = {
  title: 'Credits are bought, spent exactly once, and given back',
  picture: ['admin', 'spend 30, key', 'users service', 'entry, answer', 'ledger'],
  async act(tour) {
    await post(tour, { type: 'purchase', amount: 100, reference: 'order-1001' });
    await spendTwiceWithOneKey(tour);
    await overspend(tour);
    await showHistory(tour);
  },
};

async function spendTwiceWithOneKey(tour: Tour): Promise<void> {
  const spend = { type: 'spend', amount: 30, description: 'Practice room, two hours' };
  const idempotencyKey = randomUUID();
  const first = await post(tour, spend, idempotencyKey);
  const second = await post(tour, spend, idempotencyKey);
  prove(tour, 'the same key again gets the same answer, byte for byte', first.text === second.text);
  prove(tour, 'and says so: Idempotent-Replayed: true', second.headers.get('Idempotent-Replayed') === 'true');
  const balance = await readBalance(tour);
  prove(tour, 'and had one effect: 100 - 30 = 70', balance === '70');
  await post(tour, { type: 'refund', amount: 10, refund_of: first.get('id'), description: 'Ten minutes late' });
}

async function overspend({ api, admin, user }: Tour): Promise<void> {
  await api({
    method: 'POST',
    path: `/api/users/${user.id}/credits`,
    token: admin.accessToken,
    body: { type: 'spend', amount: 500 },
    status: 402,
    shows: ['code', 'available', 'required'],
  });
}

async function post(
  { api, admin, user }: Tour,
  body: Record<string, unknown>,
  idempotencyKey?: string,
): Promise<Answer> {
  return api({
    method: 'POST',
    path: `/api/users/${user.id}/credits`,
    token: admin.accessToken,
    ...(idempotencyKey && { idempotencyKey }),
    body,
    status: 201,
    shows: ['amount', 'balance_after'],
  });
}

async function readBalance({ api, user }: Tour): Promise<string> {
  const path = '/api/users/me/credits';
  return (await api({ method: 'GET', path, token: user.accessToken, status: 200, shows: ['available'] })).get(
    'available',
  );
}

async function showHistory(tour: Tour): Promise<void> {
  const path = '/api/users/me/credits/transactions';
  const answer = await tour.api({ method: 'GET', path, token: tour.user.accessToken, status: 200 });
  const { data } = answer.json as { data: Record<string, string | number | null>[] };
  const columns = ['type', 'amount', 'balance_after', 'description', 'reference'];
  tour.screen.table([columns, ...data.map((row) => columns.map((name) => String(row[name] ?? '')))]);
  prove(
    tour,
    'the history has each of them once, newest first',
    data.map(({ type }) => type).join() === 'refund,spend,purchase',
  );
}
