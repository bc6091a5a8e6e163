/** Signature algorithms of RFC 7518 that are offered, and the key type of each. No HMAC: every consumer could mint. */
export const keyTypes = { RS256: 'RSA', PS256: 'RSA', ES256: 'EC' } as const;

export type Algorithm = keyof typeof keyTypes;

export const algorithms = Object.keys(keyTypes) as Algorithm[];

export const isAlgorithm = (name: unknown): name is Algorithm => algorithms.includes(name as Algorithm);
