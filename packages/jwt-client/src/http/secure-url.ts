const loopback = /^(localhost|127[.\d]+|\[::1])$/; // Of a parsed URL, whose numbers are an address.

/** The URL, if it may be fetched: https, or http on the loopback interface. Throws TypeError. */
export function secureUrl(text: unknown, what: string): string {
  if (typeof text !== 'string' || !URL.canParse(text)) throw new TypeError(`${what} must be an absolute URL`);
  const { protocol, hostname, href } = new URL(text);
  if (protocol === 'https:' || (protocol === 'http:' && loopback.test(hostname))) return href;
  // Whoever sits on the line could replace the keys and with them mint any token.
  throw new TypeError(`${what} must use https, or http on the loopback interface`);
}
