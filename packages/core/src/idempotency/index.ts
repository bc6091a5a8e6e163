export { KeyReused, Replayed, StillInFlight } from './errors.ts';
export {
  answerWrites,
  findAnswer,
  findAnswers,
  IDEMPOTENCY_KEPT_SECONDS,
  keyOfRequest,
  storeRefusal,
  storing,
  type KeyedPosting,
  type KeyedRequest,
  type StoredAnswer,
} from './store.ts';
