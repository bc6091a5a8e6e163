export { KeyReused, StillInFlight } from './errors.ts';
export {
  findAnswer,
  IDEMPOTENCY_KEPT_SECONDS,
  storeRefusal,
  storing,
  type KeyedRequest,
  type StoredAnswer,
} from './store.ts';
