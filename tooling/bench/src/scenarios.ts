import type { LoadJob } from './load.ts';
import type { Population } from './population.ts';

type Load = Omit<LoadJob, 'url' | 'seconds'>;

/** A load on the server, and the load that it is compared with. */
export interface Scenario {
  readonly name: string;
  readonly limit: string;
  /** The least share of the limit that we want to reach. */
  readonly target: number;
  readonly product: Load;
  readonly bare: Load;
}

const CONNECTIONS = 64;
/** Half a second of work for two cores: more would be told to come back later, as it should. */
const SIGN_IN_CONNECTIONS = 16;
const json = { 'content-type': 'application/json' };

export function readScenario({ members }: Population): Scenario {
  const load = { connections: CONNECTIONS, method: 'GET', headers: {} } as const;
  const requests = (path: (id: string) => string) =>
    members.map(({ id, accessToken }) => ({ path: path(id), authorization: `Bearer ${accessToken}` }));
  return {
    name: 'GET /api/users/me',
    limit: 'bare node:http + pg, the same select',
    target: 1 / 3,
    product: { ...load, requests: requests(() => '/api/users/me') },
    bare: { ...load, requests: requests((id) => `/${id}`) },
  };
}

/** Every user in turn: what many customers are like. */
export function spendScenario(population: Population): Scenario {
  const { userIds } = population;
  return {
    name: 'POST /api/users/{id}/credits, 1,000 users',
    limit: 'bare node:http + pg, one update',
    target: 1 / 3,
    product: spends(population, userIds),
    bare: { ...spends(population, userIds), requests: userIds.map((id) => ({ path: `/${id}`, body: SPEND })) },
  };
}

/** All of it on one user, beside our own rate over all users: who is popular is to be no slower. */
export function hotSpendScenario(population: Population): Scenario {
  return {
    name: 'the same on one user',
    limit: 'ours over 1,000 users',
    target: 1,
    product: spends(population, population.userIds.slice(0, 1)),
    bare: spends(population, population.userIds),
  };
}

const SPEND = JSON.stringify({ type: 'spend', amount: 1 });

function spends({ adminToken }: Population, userIds: readonly string[]): Load {
  const headers = { ...json, authorization: `Bearer ${adminToken}` };
  const requests = userIds.map((id) => ({ path: `/api/users/${id}/credits`, body: SPEND }));
  return { connections: CONNECTIONS, method: 'POST', headers, requests };
}

export const SIGN_IN = { name: 'POST /api/auth/login', limit: 'argon2 alone, all cores', target: 0.85 } as const;
export const LIVE = { name: '/api/health/live meanwhile', p99MsMax: 50 } as const;

export function signInLoad({ members }: Population): Load {
  const requests = members.map(({ email, password }) => ({
    path: '/api/auth/login',
    body: JSON.stringify({ email, password }),
  }));
  return { connections: SIGN_IN_CONNECTIONS, method: 'POST', headers: json, requests };
}
