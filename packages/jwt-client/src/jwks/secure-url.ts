const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The URL, if keys may be fetched from it: https, or http on the loopback interface. Throws TypeError. */
export function secureUrl(text: string, what: string): URL {
  if (!URL.canParse(text)) throw new TypeError(`${what} is not an absolute URL`);
  const url = new URL(text);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname))) return url;
  // Whoever sits on the line could replace the keys and with them mint any token.
  throw new TypeError(`${what} must use https (http is accepted for 127.0.0.1, ::1 and localhost only)`);
}
