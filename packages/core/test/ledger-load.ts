import { DomainError } from '../src/kernel/errors.ts';
import type { Scope } from '../src/scope.ts';
import { purchase } from '../src/credits/index.ts';

export interface Load {
  userId: string;
  /** Before the keys of this load; every second client uses keys that all loads have in common. */
  prefix: string;
  clients: number;
  /** How many requests each client makes at most. */
  requests: number;
}

/** What clients were told: keys that were acknowledged, and keys that were tried in vain or without an answer. */
export interface Told {
  acknowledged: string[];
  unacknowledged: string[];
}

/** Clients that buy one credit at a time, each under a key of its own; one in five asks twice. Ends when the database is gone. */
export async function runLoad(scope: Scope, { userId, prefix, clients, requests }: Load): Promise<Told> {
  const told: Told = { acknowledged: [], unacknowledged: [] };
  const client = async (number: number): Promise<void> => {
    for (let request = 0; request < requests; request++) {
      const idempotencyKey = `${number % 2 === 0 ? prefix : 'common'}-${number}-${request}`;
      const ask = (): Promise<{ id: string }> => purchase(scope, { userId, amount: 1, idempotencyKey });
      try {
        const asked = (number + request) % 5 === 0 ? [ask(), ask()] : [ask()];
        const [first, again = first] = await Promise.all(asked);
        const later = request % 5 === 0 ? await ask() : first;
        if (first?.id !== again?.id || first?.id !== later?.id)
          throw new Error(`${idempotencyKey} was carried out twice`);
        told.acknowledged.push(idempotencyKey);
      } catch (error) {
        if (!(error instanceof DomainError && error.reason.kind === 'unavailable')) throw error;
        told.unacknowledged.push(idempotencyKey);
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return told;
}

/** How often each key was carried out, from the ledger itself. */
export async function carriedOut(scope: Scope): Promise<Map<string, number>> {
  const rows = await scope.database.read<{ idem_key: string; times: unknown }>(
    'select idem_key, count(*) as times from credit_entry where leg = 0 and idem_key is not null group by idem_key',
  );
  return new Map(rows.map((row) => [row.idem_key, Number(row.times)]));
}
