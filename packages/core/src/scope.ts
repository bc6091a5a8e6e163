import type { PostingEngine } from './credits/index.ts';
import type { Database } from './database/index.ts';
import type { KeyedPosting } from './idempotency/index.ts';
import type { Clock } from './kernel/clock.ts';
import type { Limiter } from './kernel/limiter.ts';
import type { Vault } from './kernel/secrets.ts';
import type { Tx } from './kernel/transaction.ts';
import type { Settings } from './settings.ts';

/** On whose behalf something is done. It goes into every audit row and ledger entry. */
export interface Context {
  /** `user:<id>`, `service:<client id>`, `script` or `system`. */
  readonly actor: string;
  readonly clientId: string;
  readonly sessionId?: string | undefined;
  readonly address?: string | undefined;
  readonly device?: string | undefined;
  readonly correlationId?: string | undefined;
  /** Runs last inside the use case's transaction, with its result. */
  readonly beforeCommit?: ((tx: Tx, result: unknown) => Promise<void>) | undefined;
  /** The keyed request that postings answer. The ledger stores all answers of a batch together, and finds them so. */
  readonly keyed?: KeyedPosting | undefined;
}

/** Everything a use case may use, handed over: no singletons, no environment, no other clock. */
export interface Scope {
  readonly database: Database;
  readonly settings: Settings;
  readonly now: Clock;
  /** Milliseconds on a clock that nobody can set: for what must last as long as it says. */
  readonly elapsedMs: () => number;
  readonly newId: () => string;
  readonly vault: Vault;
  readonly hashing: Limiter;
  /** The only way to a posting. */
  readonly postings: PostingEngine;
  readonly context: Context;
}

export const SCRIPT: Context = { actor: 'script', clientId: 'script' };

/** What the service does by itself. */
export const SYSTEM: Context = { actor: 'system', clientId: 'system' };
