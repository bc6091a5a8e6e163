const reasons = {
  token_endpoint_unreachable: 'The token endpoint gave no answer in time: try again shortly',
  token_endpoint_failed: 'The token endpoint answered with an error: try again shortly',
  client_refused: 'The token endpoint refused this client: check clientId, clientSecret and scope',
  token_response_invalid: 'The token endpoint answered something that is no token (RFC 6749 section 5.1)',
};

export type ServiceTokenReason = keyof typeof reasons;

/** Why there is no access token for this service. It holds neither the secret nor a token. */
export class ServiceTokenError extends Error {
  readonly code: ServiceTokenReason;
  /** The status of the token endpoint, when it answered. */
  readonly endpointStatus: number | undefined;
  /** The `error` of RFC 6749 section 5.2, when it answered one. */
  readonly reason: string | undefined;

  constructor(
    code: ServiceTokenReason,
    details: { readonly status?: number; readonly reason?: string | undefined; readonly cause?: unknown } = {},
  ) {
    const { status, reason, cause } = details;
    super(
      reason === undefined ? `${reasons[code]}.` : `${reasons[code]} (${reason}).`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.endpointStatus = status;
    this.reason = reason;
  }

  override get name(): string {
    return 'ServiceTokenError';
  }
}
