import type { Algorithm } from '@org/jwt-client';
import { createField, ours } from './candidates.ts';
import { sufferMishaps } from './network.ts';
import type { Results } from './report.ts';
import { p99BesideHashes } from './thread-pool.ts';
import { measure, type Pace, type Times } from './windows.ts';

export interface Effort {
  readonly pace: Pace;
  readonly tokens: number;
  readonly samples: number;
}

export const full: Effort = { pace: { rounds: 90, calls: 150 }, tokens: 400, samples: 400 };
export const quick: Effort = { pace: { rounds: 2, calls: 10 }, tokens: 10, samples: 10 };

/** All measurements, one after the other. */
export async function bench({ pace, tokens, samples }: Effort): Promise<Results> {
  async function fresh(alg: Algorithm): Promise<Times> {
    const { issuer, candidates } = await createField(alg, false);
    const minted = Array.from({ length: tokens }, () => issuer.mint({ scope: 'users:read', roles: ['admin'] }));
    return measure(candidates, minted, pace);
  }

  async function remembered(): Promise<Times> {
    const { issuer, candidates } = await createField('RS256', true);
    const minted = Array.from({ length: Math.min(tokens, 100) }, () => issuer.mint({ roles: ['admin'] }));
    const remembering = candidates.filter(({ name }) => name === ours || name === 'fast-jwt');
    return measure(remembering, minted, { ...pace, calls: pace.calls * 10 });
  }

  return {
    rs256: await fresh('RS256'),
    es256: await fresh('ES256'),
    cached: await remembered(),
    p99: await p99BesideHashes(samples),
    mishaps: await sufferMishaps(),
  };
}
