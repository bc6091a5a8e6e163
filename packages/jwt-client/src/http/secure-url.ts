// Protocol and host name of a parsed URL, whose numbers are an address. Whoever sits on the line could replace the keys and
// with them mint any token.
const secure = /^https:|^http:(localhost|127[.\d]+|\[::1])$/;

/** The URL, if it may be fetched: https, or http on the loopback interface. Throws TypeError. */
export function secureUrl(text: unknown, what: string): string {
  // The parser takes white space away; what is compared with the text, or put behind it, would not.
  if (typeof text === 'string' && !/\s/.test(text) && URL.canParse(text)) {
    const { protocol, hostname, href } = new URL(text);
    if (secure.test(protocol + hostname)) return href;
  }
  throw new TypeError(`${what} must be an absolute URL without white space: https, or http on loopback`);
}
