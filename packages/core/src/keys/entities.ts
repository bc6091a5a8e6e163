import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

export type KeyState = 'next' | 'active' | 'retiring' | 'gone';
export const SIGNING_ALGORITHMS = ['RS256', 'ES256', 'PS256'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** A signing key. The private part is sealed under SECRET_KEY and bound to its `kid`. */
export const SigningKey = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_key',
  properties: {
    kid: p.text().primary(),
    algorithm: p.text().$type<SigningAlgorithm>(),
    state: p.text().$type<KeyState>(),
    publicJwk: p.json<Record<string, unknown>>(),
    sealedPrivateKey: p.text(),
    createdAt: p.datetime(3),
    activeFrom: p.datetime(3),
    retiringFrom: p.datetime(3).nullable(),
    goneFrom: p.datetime(3).nullable(),
  },
  uniques: [{ name: 'signing_key_one_each', properties: ['state'], where: "state in ('next','active')" }],
  checks: [{ name: 'signing_key_state_check', expression: "state in ('next','active','retiring','gone')" }],
});
export type SigningKey = InferEntity<typeof SigningKey>;
