export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What a JWS in compact form (RFC 7515, section 7.1) says. Decoding proves nothing: anybody can write a token. */
export function decodeToken(token: string): DecodedToken {
  const [header = '', claims = ''] = token.split('.');
  return { header: parse(header), claims: parse(claims) };
}

/** The token with other claims under the old signature, as a forger would try it. */
export function tamper(token: string, changes: Readonly<Record<string, unknown>>): string {
  const [header, , signature] = token.split('.');
  const claims = JSON.stringify({ ...decodeToken(token).claims, ...changes });
  return `${header}.${Buffer.from(claims).toString('base64url')}.${signature}`;
}

function parse(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}
