import { randomBytes } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import { startServer } from '@org/tour/server';

import type { BareServerJob } from './bare-server.ts';
import { start } from './child.ts';
import { compare, compareSignIns, type LiveRow, type Measuring, type Row } from './measure.ts';
import { populate, type Population } from './population.ts';
import { hotSpendScenario, readScenario, signInLoad, spendScenario } from './scenarios.ts';

/** Everything measured with one number of processes. */
export interface Round {
  readonly processes: number;
  readonly rows: readonly Row[];
  readonly live: LiveRow;
}

export interface Result {
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string };
  readonly rounds: readonly Round[];
}

/** Tokens must outlive the ports of the servers that they are used on. */
const ISSUER = 'http://127.0.0.1:8000';

/** Measures the server with each number of processes on one PostgreSQL of its own. */
export async function bench(measuring: Measuring, processCounts: readonly number[]): Promise<Result> {
  const { cleanup, progress } = measuring;
  progress('starting PostgreSQL');
  const { said } = await start<{ databaseUrl: string }>(cleanup, 'postgres', {});
  const secretKey = randomBytes(48).toString('base64url');
  progress('creating 1,000 users');
  const population = await populate(said.databaseUrl, secretKey, ISSUER);
  const rounds: Round[] = [];
  for (const processes of processCounts) {
    const server = { databaseUrl: said.databaseUrl, secretKey, processes };
    rounds.push(await measureRound(measuring, population, server));
  }
  return { machine: machine(), rounds };
}

interface ServerJob extends BareServerJob {
  readonly secretKey: string;
}

async function measureRound(measuring: Measuring, population: Population, job: ServerJob): Promise<Round> {
  const { cleanup, progress } = measuring;
  const { databaseUrl, secretKey, processes } = job;
  progress(`starting the servers with ${processes} ${processes === 1 ? 'process' : 'processes'} each`);
  const environment = { NODE_ENV: 'production', DATABASE_URL: databaseUrl, SECRET_KEY: secretKey, ISSUER };
  const product = await startServer({ environment, processes });
  const stop = cleanup.keep(() => product.stop());
  const bare = await start<{ url: string }>(cleanup, 'bare-server', { databaseUrl, processes } satisfies BareServerJob);
  const urls = { product: product.url, bare: bare.said.url };

  const read = await compare(measuring, readScenario(population), urls);
  const spend = await compare(measuring, spendScenario(population), urls);
  const hot = await compare(measuring, hotSpendScenario(population), { product: urls.product, bare: urls.product });
  const [signIn, live] = await compareSignIns(measuring, { ...signInLoad(population), url: urls.product });
  await Promise.all([stop(), bare.end()]);
  return { processes, rows: [read, spend, hot, signIn], live };
}

function machine(): Result['machine'] {
  return { cores: availableParallelism(), model: cpus()[0]?.model.trim() ?? 'unknown', node: process.version };
}
