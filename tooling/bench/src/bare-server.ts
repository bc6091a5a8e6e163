/**
 * The limit: `node:http` and `pg` with one prepared statement for each request, and nothing else. As many processes and
 * connections as the server under test has, and the same requests; it does not look at their headers.
 */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

import { serveParent } from './parent.ts';

export interface BareServerJob {
  readonly databaseUrl: string;
  readonly processes: number;
}

const CONNECTIONS_MAX = 10;

/** By method: GET reads one user as the API does, POST takes one credit from one account. */
const statements: Readonly<Record<string, { name: string; text: string }>> = {
  GET: {
    name: 'read',
    text: `select id, email, email_verified, name, type, profile, status, inactive_reason, last_login_at, created_at, updated_at
           from users where id = $1`,
  },
  POST: { name: 'take', text: 'update bench_account set balance = balance - 1 where id = $1 returning balance' },
};

function serve(databaseUrl: string): Server {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS_MAX });
  return createServer((request, response) => {
    const statement = statements[request.method ?? ''];
    const id = request.url?.slice(1) ?? '';
    pool.query({ ...statement, text: statement?.text ?? '', values: [id] }).then(
      ({ rows }) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(rows[0])),
      () => response.writeHead(500, { 'Content-Length': 0 }).end(),
    );
  }).listen(0, '127.0.0.1');
}

async function start({ databaseUrl, processes }: BareServerJob): Promise<{ url: string }> {
  if (processes === 1) {
    const server = serve(databaseUrl);
    await once(server, 'listening');
    return { url: urlOf(server.address() as AddressInfo) };
  }
  const workers = Array.from({ length: processes }, () => cluster.fork({ BENCH_DATABASE_URL: databaseUrl }));
  const addresses = await Promise.all(workers.map((worker) => once(worker, 'listening') as Promise<AddressInfo[]>));
  return { url: urlOf(addresses[0]?.[0] as AddressInfo) };
}

function urlOf({ port }: AddressInfo): string {
  return `http://127.0.0.1:${port}`;
}

if (cluster.isPrimary) serveParent(start);
else serve(process.env['BENCH_DATABASE_URL'] ?? '');
