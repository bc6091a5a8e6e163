import type { LoadJob } from './load.ts';
import type { Population } from './population.ts';

type Load = Omit<LoadJob, 'url' | 'seconds'>;

/** A load on the server, and the same load on the bare one. */
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

export function spendScenario({ userIds, adminToken }: Population): Scenario {
  const headers = { ...json, authorization: `Bearer ${adminToken}` };
  const load = { connections: CONNECTIONS, method: 'POST', headers } as const;
  const body = JSON.stringify({ type: 'spend', amount: 1 });
  const requests = (path: (id: string) => string) => userIds.map((id) => ({ path: path(id), body }));
  return {
    name: 'POST /api/users/{id}/credits',
    limit: 'bare node:http + pg, one update',
    target: 1 / 3,
    product: { ...load, requests: requests((id) => `/api/users/${id}/credits`) },
    bare: { ...load, requests: requests((id) => `/${id}`) },
  };
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
