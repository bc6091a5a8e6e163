import * as credits from './credits/index.ts';
import { openDatabase } from './database/index.ts';
import * as idempotency from './idempotency/index.ts';
import * as keys from './keys/index.ts';
import { systemClock, type Clock } from './kernel/clock.ts';
import { idSource } from './kernel/ids.ts';
import { createLimiter } from './kernel/limiter.ts';
import { createVault, type Secret } from './kernel/secrets.ts';
import * as lifecycle from './lifecycle/index.ts';
import * as outbox from './outbox/index.ts';
import * as roles from './roles/index.ts';
import { SCRIPT, SYSTEM, type Context, type Scope } from './scope.ts';
import { secretKeyFor } from './secret-key.ts';
import * as sessions from './sessions/index.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { sweep } from './sweep.ts';
import * as tokens from './tokens/index.ts';
import * as users from './users/index.ts';
import { takingTurns, watch } from './watch.ts';

/** Credits and holds expire on time without it: whoever looks sees it so. This posts what nobody looked at. */
const SETTLE_MS = 5_000;
const SWEEP_MS = 60_000;
/** A queue of sign-ins longer than this is answered with "try again" instead. */
const HASH_WAIT_MS_MAX = 2_000;
/** How often it is looked whether a signing key's time has come. It signs in time all the same. */
const KEY_STEP_MS = 10_000;

export interface OpenCoreOptions {
  /** `sqlite:./data/users.sqlite`, `sqlite::memory:` or `postgres://user@host/database`. */
  databaseUrl: string;
  /** At least 32 characters. With an SQLite file it may be left out: one is made and kept beside the file. */
  secretKey?: Secret | undefined;
  /** The secret before this one: what it sealed is opened, and sealed anew under `secretKey`. */
  secretKeyPrevious?: Secret | undefined;
  settings?: Partial<Settings> | undefined;
  /** Connections to PostgreSQL at most; 10 unless told. */
  poolMax?: number | undefined;
  clock?: Clock | undefined;
  /** Told of a posting that the database refused although the domain allowed it. Left out: a warning of the process. */
  onPostingAlarm?: ((alarm: credits.PostingAlarm) => void) | undefined;
  /** Milliseconds on a clock that nobody can set; that of the process unless told. */
  elapsedMs?: (() => number) | undefined;
  /**
   * For servers: how often keys and revocations are read again, in milliseconds; the life cycle of the keys goes on by
   * itself then, and every minute what has served its time is deleted. Left out: nothing happens in the background.
   */
  watchMs?: number | undefined;
}

/** Every feature, bound to one database and to whoever acts. */
export interface Core extends ReturnType<typeof featuresOn>, AsyncDisposable {
  /** The same core, acting on somebody's behalf. */
  as(context: Partial<Context>): Core;
  /** @throws DatabaseUnavailable */
  ping(): Promise<void>;
  /** Answers what was taken, then closes the database. Again it does nothing, so that it may stand beside `await using`. */
  close(): Promise<void>;
}

/**
 * Opens the product on a database, bringing its schema up to date.
 *
 * ```ts
 * await using core = await openCore({ databaseUrl: 'sqlite:./data/users.sqlite' });
 * const user = await core.users.create({ email: 'ada@example.org' });
 * await core.credits.purchase({ userId: user.id, amount: 100 });
 * ```
 *
 * @throws DatabaseUnavailable
 * @throws SecretKeyWrong when the secret is not the one that the database was used with
 * @throws Error when the URL or the secret is not usable
 */
export async function openCore(options: OpenCoreOptions): Promise<Core> {
  const { databaseUrl, clock = systemClock, elapsedMs = () => performance.now() } = options;
  const vault = createVault(secretKeyFor(databaseUrl, options.secretKey), options.secretKeyPrevious);
  const settings = { ...defaultSettings, ...options.settings };
  const database = await openDatabase(databaseUrl, options.poolMax === undefined ? {} : { poolMax: options.poolMax });
  const memory = {
    keys: keys.createKeyRing(database, vault, clock),
    revocations: sessions.createRevocationList({ database, now: clock, elapsedMs }),
  };
  const refresh = takingTurns(
    async () => void (await Promise.all([memory.keys.refresh(), memory.revocations.refresh()])),
  );
  const base: Omit<Scope, 'postings'> = {
    database,
    settings,
    now: clock,
    elapsedMs,
    newId: idSource(clock),
    vault,
    hashing: createLimiter({ concurrency: settings.hashConcurrency, waitMsMax: HASH_WAIT_MS_MAX }),
    context: SCRIPT,
  };
  const postings = credits.createPostingEngine(base, {
    lanes: database.writersMax,
    onAlarm: options.onPostingAlarm,
  });
  const scope: Scope = { ...base, postings };
  try {
    await database.migrate();
    await roles.ensureBuiltInRoles(scope);
    await keys.resealKeys({ ...scope, context: SYSTEM });
    await refresh();
  } catch (error) {
    await database.close();
    throw error;
  }
  const stepKeys = async (): Promise<void> => {
    if (await keys.advanceKeys({ ...scope, context: SYSTEM })) await refresh();
  };
  const forgetOld = async (): Promise<void> => void (await sweep(scope));
  const settle = async (): Promise<void> => void (await credits.settleDue({ ...scope, context: SYSTEM }));
  const { watchMs } = options;
  const watches =
    watchMs === undefined
      ? []
      : [watch(refresh, watchMs), watch(stepKeys, KEY_STEP_MS), watch(settle, SETTLE_MS), watch(forgetOld, SWEEP_MS)];
  const close = async (): Promise<void> => {
    await Promise.all(watches.map((one) => one.stop()));
    await postings.close();
    await database.close();
  };
  let closing: Promise<void> | undefined;
  return coreOn(scope, {
    ...memory,
    refresh,
    readFeed: sessions.createFeedReader(scope, memory, refresh),
    close: () => (closing ??= close()),
  });
}

interface Shared extends sessions.Issuer {
  readonly refresh: () => Promise<void>;
  readonly readFeed: sessions.FeedReader;
  readonly close: () => Promise<void>;
}

function coreOn(scope: Scope, shared: Shared): Core {
  return {
    ...featuresOn(scope, shared),
    as: (context) => coreOn({ ...scope, context: { ...scope.context, ...context } }, shared),
    ping: () => scope.database.ping(),
    close: shared.close,
    [Symbol.asyncDispose]: shared.close,
  };
}

/** Binds every feature to one scope, so that a caller writes `core.credits.spend({ … })`. */
function featuresOn(scope: Scope, shared: Shared) {
  /** What was committed takes effect in this process now, in others at their next look. A failed look is made again. */
  const thenRefresh = async <T>(change: Promise<T>): Promise<T> => {
    const result = await change;
    await shared.refresh().catch(() => undefined);
    return result;
  };
  return {
    settings: scope.settings,
    now: scope.now,
    /** Deletes what has served its time: old answers, revocations and refresh tokens, 60,000 of each at most; and what was published a week ago. */
    sweep: () => sweep(scope),
    /** Makes the signing key and the first admin where they are missing. */
    setup: (input: lifecycle.SetupInput) => thenRefresh(lifecycle.setUp(scope, input)),

    users: {
      create: (input: lifecycle.NewUserInput) => lifecycle.createUser(scope, input),
      get: (input: { id: string }) => users.getUser(scope, input),
      list: (filter: users.UserFilter = {}) => users.listUsers(scope, filter),
      update: (changes: users.UserChanges) => users.updateUser(scope, changes),
      deactivate: (input: lifecycle.StatusChangeInput) => thenRefresh(lifecycle.deactivateUser(scope, input)),
      reactivate: (input: lifecycle.StatusChangeInput) => lifecycle.reactivateUser(scope, input),
      remove: (input: lifecycle.StatusChangeInput) => thenRefresh(lifecycle.removeUser(scope, input)),
      changePassword: (input: lifecycle.PasswordChange) => thenRefresh(lifecycle.changePassword(scope, input)),
      setRoles: (input: { id: string; roles: readonly string[] }) => thenRefresh(lifecycle.setUserRoles(scope, input)),
    },
    roles: {
      list: () => roles.listRoles(scope),
    },
    sessions: {
      login: (input: { email: string; password: string }) => sessions.login(scope, shared, input),
      refresh: (input: { refreshToken: string }) =>
        thenRefreshOnFailure(sessions.refresh(scope, shared, input), shared),
      logout: (input: { sessionId: string }) => thenRefresh(sessions.logout(scope, input)),
      logoutAll: (input: { userId: string }) => thenRefresh(sessions.logoutAll(scope, input)),
      list: (filter: sessions.SessionFilter) => sessions.listSessions(scope, filter),
      revoke: (input: { userId: string; sessionId: string }) => thenRefresh(sessions.revokeSession(scope, input)),
      revokeAll: (input: { userId: string }) => thenRefresh(sessions.revokeAllSessions(scope, input)),
      revokeToken: (input: sessions.TokenRevocation) => thenRefresh(sessions.revokeToken(scope, input)),
      /** Whether an access token that has not expired must be refused all the same. From memory. */
      isRevoked: (token: sessions.TokenFacts): boolean => shared.revocations.has(token),
      /** The signed feed that offline verifiers follow, from memory. @throws DatabaseUnavailable */
      revocationFeed: (input: { since?: string | undefined } = {}) => shared.readFeed(input),
    },
    keys: {
      /** The public keys, from memory. */
      jwks: (): { keys: keys.PublicJwk[] } => shared.keys.jwks(),
      list: () => keys.listKeys(scope),
      rotate: (input: keys.RotateInput = {}) => thenRefresh(keys.rotateKeys(scope, input)),
      /** One step of the life cycle; a core with `watchMs` takes it by itself. */
      advance: () => thenRefresh(keys.advanceKeys(scope)),
    },
    credits: {
      post: (input: credits.PostInput) => credits.post(scope, input),
      purchase: (input: credits.PurchaseInput) => credits.purchase(scope, input),
      grant: (input: credits.GrantInput) => credits.grant(scope, input),
      spend: (input: credits.SpendInput) => credits.spend(scope, input),
      adjust: (input: credits.AdjustInput) => credits.adjust(scope, input),
      refund: (input: credits.RefundInput) => credits.refund(scope, input),
      clawback: (input: credits.ClawbackInput) => credits.clawback(scope, input),
      transfer: (input: credits.TransferInput) => credits.transfer(scope, input),
      hold: (input: credits.HoldInput) => credits.hold(scope, input),
      capture: (input: credits.CaptureInput) => credits.capture(scope, input),
      release: (input: credits.HoldName) => credits.release(scope, input),
      getHold: (input: { id: string; userId?: string | undefined }) => credits.getHold(scope, input),
      batch: (input: credits.BatchInput) => credits.batch(scope, input),
      setLimits: (input: credits.LimitsInput) => credits.setLimits(scope, input),
      settleDue: (input?: { limit?: number }) => credits.settleDue(scope, input),
      verify: (input?: credits.VerifyInput) => credits.verifyLedger(scope, input),
      lastVerification: () => credits.lastVerification(scope),
      balance: (input: { userId: string; unit?: string | undefined }) => credits.readBalance(scope, input),
      balanceAt: (input: { userId: string; unit?: string | undefined; at: Date }) =>
        credits.readBalanceAt(scope, input),
      statement: (input: credits.StatementInput) => credits.readStatement(scope, input),
      transaction: (input: credits.TransactionName) => credits.findTransaction(scope, input),
      /** A signed receipt of a transaction, as a compact JWS. */
      receipt: (input: credits.TransactionName) => tokens.issueReceipt(scope, shared.keys, input),
      transactions: (filter: credits.HistoryFilter) => credits.listTransactions(scope, filter),
    },
    outbox: {
      /** What has happened and was not published yet, the oldest first: an event for each posting among them. */
      pending: (input: outbox.PendingInput = {}) => outbox.pendingEvents(scope, input, credits.outboxEvents),
      /** Hands them on, and marks as published what was taken: at least once each. */
      deliver: (deliver: (event: outbox.OutgoingEvent) => Promise<void>, input: outbox.PendingInput = {}) =>
        outbox.deliverEvents(scope, input, { deliver, expand: credits.outboxEvents }),
    },
    idempotency: {
      find: (request: idempotency.KeyedRequest) => idempotency.findAnswer(scope, request),
      storing: (request: idempotency.KeyedRequest, render: (result: unknown) => idempotency.StoredAnswer) =>
        idempotency.storing(scope, request, render),
      storeRefusal: (request: idempotency.KeyedRequest, answer: idempotency.StoredAnswer) =>
        idempotency.storeRefusal(scope, request, answer),
    },
  };
}

/** A refresh token used twice ends its session, although the answer is an error. */
async function thenRefreshOnFailure<T>(change: Promise<T>, shared: Shared): Promise<T> {
  try {
    return await change;
  } catch (error) {
    await shared.refresh().catch(() => undefined);
    throw error;
  }
}
