import type { Core } from '@org/core';
import { Example, Get, Request, Response, Route, Security, SuccessResponse, Tags } from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import type { Lifecycle } from '../http/exchange.ts';
import type { Problem, Time } from '../http/wire.ts';

export type HealthStatus = 'ok' | 'unavailable' | 'draining';
export type CheckStatus = 'ok' | 'unavailable';

export type LedgerStatus = 'ok' | 'failing' | 'never' | 'unknown';

/** What the service depends on, and what it knows of itself. */
export interface HealthChecks {
  database: CheckStatus;
  /**
   * What the last verification of the credit ledger found: `failing` when the ledger is not what was posted, `never`
   * before the first. It does not make the service unavailable: another process would find the same.
   */
  ledger: LedgerStatus;
}

export interface Health {
  service: string;
  status: HealthStatus;
  timestamp: Time;
  checks: HealthChecks;
}

export interface Liveness {
  service: string;
  status: 'ok';
  timestamp: Time;
}

export interface ServiceStatus {
  status: 'ok';
  service: string;
}

const SERVICE = 'users-service';

@Route('api')
@Tags('Operations')
export class HealthController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * How the service and what it depends on are.
   * @summary Read the health
   */
  @Get('health')
  @Response<Health>(503, 'Something that the service depends on is away, or the process is ending')
  @SuccessResponse(200, 'All is well')
  @Example<Health>({
    service: 'users-service',
    status: 'ok',
    timestamp: '2026-01-15T12:00:00.000Z',
    checks: { database: 'ok', ledger: 'ok' },
  })
  async getHealth(@Request() request: ExpressRequest): Promise<Health> {
    const health = await examine(this.#core, request.exchange.door.lifecycle);
    if (health.status !== 'ok') request.res?.status(503).setHeader('Retry-After', '2').json(health);
    return health;
  }

  /**
   * Whether the process runs. It asks nobody else: restarting this process does not bring a database back.
   * @summary Liveness
   */
  @Get('health/live')
  @SuccessResponse(200, 'It runs')
  @Example<Liveness>({ service: 'users-service', status: 'ok', timestamp: '2026-01-15T12:00:00.000Z' })
  async getLiveness(): Promise<Liveness> {
    return { service: SERVICE, status: 'ok', timestamp: this.#core.now().toISOString() };
  }

  /**
   * Whether requests should be sent here: the database answers and the process is not ending.
   * @summary Readiness
   */
  @Get('health/ready')
  @Response<Health>(503, 'Send requests elsewhere')
  @SuccessResponse(200, 'Send requests here')
  @Example<Health>({
    service: 'users-service',
    status: 'ok',
    timestamp: '2026-01-15T12:00:00.000Z',
    checks: { database: 'ok', ledger: 'ok' },
  })
  async getReadiness(@Request() request: ExpressRequest): Promise<Health> {
    return this.getHealth(request);
  }

  /**
   * For monitors that hold the status token. Without a configured token this address does not exist.
   * @summary Status
   */
  @Get('status')
  @Security('statusToken')
  @Response<Problem>(401, 'The status token is missing or wrong')
  @Response<Problem>(404, 'No status token is configured')
  @SuccessResponse(200, 'It runs')
  @Example<ServiceStatus>({ status: 'ok', service: 'users-service' })
  async getStatus(): Promise<ServiceStatus> {
    return { status: 'ok', service: SERVICE };
  }
}

async function examine(core: Core, { phase }: Lifecycle): Promise<Health> {
  const database = await core.ping().then(
    () => 'ok' as const,
    () => 'unavailable' as const,
  );
  return {
    service: SERVICE,
    status: phase === 'serving' ? database : 'draining',
    timestamp: core.now().toISOString(),
    checks: { database, ledger: database === 'ok' ? await ledgerStatus(core) : 'unknown' },
  };
}

/** One row by its index, and only after the database has answered: it takes no longer when there is trouble. */
async function ledgerStatus({ credits }: Core): Promise<LedgerStatus> {
  try {
    const last = await credits.lastVerification();
    if (last === undefined) return 'never';
    return last.ok ? 'ok' : 'failing';
  } catch {
    return 'unknown';
  }
}
