export { ensureSigningKey } from './ensure.ts';
export { SIGNING_ALGORITHMS, SigningKey, type KeyState, type SigningAlgorithm } from './entities.ts';
export type { PublicJwk } from './generate.ts';
export { createKeyRing, NoSigningKey, type ActiveKey, type KeyRing } from './ring.ts';
