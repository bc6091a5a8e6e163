const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The URL, if it may be fetched: https, or http on the loopback interface. Throws TypeError. */
export function secureUrl(text: unknown, what: string): string {
  if (typeof text !== 'string' || !URL.canParse(text)) throw new TypeError(`${what} is not an absolute URL`);
  const { protocol, hostname, href } = new URL(text);
  if (protocol === 'https:' || (protocol === 'http:' && loopback.test(hostname))) return href;
  // Whoever sits on the line could replace the keys and with them mint any token.
  throw new TypeError(`${what} must use https (http is accepted for 127.0.0.1, ::1 and localhost only)`);
}

/** The address of a document that the issuer publishes about itself, RFC 8615. */
export const wellKnown = (issuer: string, name: string) =>
  secureUrl(`${issuer.replace(/\/$/, '')}/.well-known/${name}`, 'issuer');
