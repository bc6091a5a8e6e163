import { secureUrl } from './secure-url.ts';

/** The address of a document that the issuer publishes about itself, RFC 8615. */
export const wellKnown = (issuer: string, name: string) =>
  secureUrl(`${issuer.replace(/\/$/, '')}/.well-known/${name}`, 'issuer');
