export interface Outgoing {
  /** The global fetch, counted. */
  readonly fetch: typeof fetch;
  /** Requests that this application has sent to anybody since it started. */
  readonly count: () => number;
}

/** Counts what the verifier asks the issuer, to show that it is not one request per token. */
export function countOutgoing(): Outgoing {
  let requests = 0;
  return {
    async fetch(...request) {
      requests++;
      return fetch(...request);
    },
    count: () => requests,
  };
}
