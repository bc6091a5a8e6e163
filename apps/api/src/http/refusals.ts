/** What HTTP itself has against a request, before any use case is asked. Codes are permanent. */
const refusals = {
  'request.malformed': [400, 'The request cannot be read'],
  'auth.status_token_invalid': [401, 'The status token is not valid'],
  'auth.token_revoked': [401, 'The session has ended'],
  'route.missing': [404, 'There is nothing at this address'],
  'route.method_not_allowed': [405, 'This address does not answer this method'],
  'request.timeout': [408, 'The request did not arrive in time'],
  'request.too_large': [413, 'The request body is too large'],
  'request.unsupported_media_type': [415, 'The request body is not JSON'],
  'request.headers_too_large': [431, 'The request headers are too large'],
} as const satisfies Record<`${string}.${string}`, readonly [status: number, title: string]>;

export type RefusalCode = keyof typeof refusals;

/** The same as rows, for the error guide. */
export const refusalCatalog = Object.entries(refusals).map(([code, [status, title]]) => ({ code, status, title }));

/** The request is refused by the door. Thrown with what happened and what to do. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly httpStatus: number;
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: RefusalCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    [this.httpStatus, this.title] = refusals[code];
    this.code = code;
    this.headers = headers;
  }
}

/** The address leads nowhere. */
export function routeMissing(): Refusal {
  return new Refusal('route.missing', 'There is nothing at this address. GET /api/docs shows what there is.');
}
