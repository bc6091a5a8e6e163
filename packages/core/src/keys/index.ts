export { ensureSigningKey } from './ensure.ts';
export { SIGNING_ALGORITHMS, type SigningAlgorithm } from './entities.ts';
export type { PublicJwk } from './generate.ts';
export { createKeyRing, NoSigningKey, type KeyRing } from './ring.ts';
