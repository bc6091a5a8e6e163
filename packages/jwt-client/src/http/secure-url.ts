const loopback = /^(localhost|127[.\d]+|\[::1])$/; // Of a parsed URL, whose numbers are an address.

/** The URL, if it may be fetched: https, or http on the loopback interface. Throws TypeError. */
export function secureUrl(text: unknown, what: string): string {
  // The parser takes white space away; what is compared with the text, or put behind it, would not.
  if (typeof text === 'string' && !/\s/.test(text) && URL.canParse(text)) {
    const { protocol, hostname, href } = new URL(text);
    // Whoever sits on the line could replace the keys and with them mint any token.
    if (protocol === 'https:' || (protocol === 'http:' && loopback.test(hostname))) return href;
  }
  throw new TypeError(
    `${what} must be an absolute URL without white space, and must use https, or http on the loopback interface`,
  );
}
