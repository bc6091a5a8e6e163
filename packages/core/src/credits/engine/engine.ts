import { keyOfRequest, KeyReused } from '../../idempotency/index.ts';
import { DomainError } from '../../kernel/errors.ts';
import { refuseInsideTransaction } from '../../kernel/transaction.ts';
import type { Scope } from '../../scope.ts';
import { ownerKey, type Owner } from '../accounts.ts';
import { ownersOf } from '../book.ts';
import { keyOf } from '../earlier.ts';
import type { Operation } from '../operation.ts';
import type { Result } from '../post-batch.ts';
import type { TransactionView } from '../views.ts';
import { createBelievedAccounts } from './believed.ts';
import { LedgerClosing } from './errors.ts';
import { createLanes } from './lanes.ts';
import { settle, type Job, type PostingAlarm } from './settle.ts';

/** Every posting of a process goes through one of these, which makes batches of them. */
export interface PostingEngine {
  /**
   * Resolves when the posting is committed. The same request with the same key at the same time is carried out once, and
   * both callers get its result.
   *
   * @throws the reason for a refusal
   * @throws Replayed when the context's request was answered before
   * @throws Overloaded when too many postings wait
   * @throws LedgerClosing after `close`
   * @throws DatabaseUnavailable when nothing was posted
   * @throws OutcomeUnknown
   */
  submit(operation: Operation): Promise<TransactionView>;
  /**
   * Posts all or none in one transaction, and gives a result for each: when one of them is a refusal, none was posted.
   *
   * @throws as `submit` does for what concerns all of them
   */
  submitTogether(operations: readonly Operation[]): Promise<readonly Result[]>;
  /**
   * Posts what is due on an account, which is opened when there is none.
   *
   * @throws as `submit` does when the database is not there, or too many wait
   */
  settleDue(owner: Owner): Promise<void>;
  /** Takes no more postings, and resolves when those that were taken are answered. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Batches that may be committing at once; SQLite has one writer. */
  lanes: number;
  /** Operations that wait at most; 10,000 unless told: at 20,000 postings a second, half a second of waiting. */
  queuedMax?: number | undefined;
  /** Told of a posting that the database refused although the domain allowed it: a bug, and nothing was posted. */
  onAlarm?: ((alarm: PostingAlarm) => void) | undefined;
}

/** 1,024 in one transaction hold an account for some 30 ms: more make latency, not throughput. */
const BATCH_MAX = 1_024;
const QUEUED_MAX = 10_000;

/** Makes the engine of one opened core. */
export function createPostingEngine(
  base: Omit<Scope, 'postings'>,
  { lanes: count, queuedMax = QUEUED_MAX, onAlarm = warn }: EngineOptions,
): PostingEngine {
  let closing = false;
  const believed = createBelievedAccounts(base.elapsedMs);
  const inFlightMax = base.database.writersFollow ? 2 : 1;
  const lanes = createLanes<Job>({
    count,
    batchMax: BATCH_MAX,
    queuedMax,
    inFlightMax,
    run: (jobs, { lane, before, onSent }) => settle(scope, jobs, { writer: lane, believed, before, onSent, onAlarm }),
  });
  const enqueue = (
    operations: readonly Operation[],
    { isAtomic = false, owners = operations.flatMap(ownersOf) }: Partial<Pick<Job, 'isAtomic' | 'owners'>> = {},
  ): Promise<readonly Result[]> => {
    const [first] = owners;
    if (first === undefined) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      lanes.push(first.userId, { operations, owners, isAtomic, answer: resolve, fail: reject });
    });
  };
  const single = async (operation: Operation): Promise<TransactionView> => {
    const [result] = await enqueue([operation]);
    if (result instanceof DomainError) throw result;
    return result as TransactionView;
  };
  const join = createJoining(single);
  const enter = (): void => {
    refuseInsideTransaction();
    if (closing) throw new LedgerClosing();
  };

  const engine: PostingEngine = {
    async submit(operation) {
      enter();
      return join(operation);
    },
    async submitTogether(operations) {
      enter();
      return enqueue(operations, { isAtomic: true });
    },
    async settleDue(owner) {
      enter();
      await enqueue([], { owners: [owner] });
    },
    close() {
      closing = true;
      return lanes.drain();
    },
  };
  const scope: Scope = { ...base, postings: engine };
  return engine;
}

/** Carries out an operation, or lets it share the result of the same request that is being carried out. */
function createJoining(carryOut: (operation: Operation) => Promise<TransactionView>) {
  const inFlight = new Map<string, { identity: string; result: Promise<TransactionView> }>();
  return (operation: Operation): Promise<TransactionView> => {
    const identified = identify(operation);
    if (identified === undefined) return carryOut(operation);
    const { name, identity } = identified;
    const other = inFlight.get(name);
    if (other !== undefined) return other.identity === identity ? other.result : Promise.reject(new KeyReused());
    const result = carryOut(operation);
    inFlight.set(name, { identity, result });
    const forget = (): void => void inFlight.delete(name);
    result.then(forget, forget);
    return result;
  };
}

/** Whose key it is, and what the request under it is. */
function identify({ context: { keyed, clientId }, idemKey, requestHash }: Operation) {
  if (keyed !== undefined) return { name: keyOfRequest(keyed.request), identity: keyed.request.body };
  if (idemKey === null || requestHash === null) return undefined;
  return { name: keyOf(clientId, idemKey), identity: requestHash.toString('hex') };
}

function warn({ owners, operations, error }: PostingAlarm): void {
  const what =
    operations.length > 0
      ? `the posting ${operations.map(({ txId }) => txId).join(', ')}`
      : `what is due on the account ${owners.map(ownerKey).join(', ')}`;
  process.emitWarning(`The database refused ${what} that the domain allowed: ${String(error)}`, {
    code: 'POSTING_REFUSED_BY_DATABASE',
  });
}
