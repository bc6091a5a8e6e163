/** As much of autocannon 9 as the load generator uses; its published types describe version 7. */
declare module 'autocannon' {
  /** What a connection keeps from a request to its answer. */
  interface Exchange {
    sent?: string;
  }

  export interface Request {
    readonly method?: string;
    readonly path?: string;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly setupRequest?: (request: Request, exchange: Exchange) => Request;
    readonly onResponse?: (status: number, body: string, exchange: Exchange) => void;
  }

  interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly requests: readonly Request[];
  }

  interface Result {
    /** Seconds. */
    readonly duration: number;
    readonly '2xx': number;
    readonly non2xx: number;
    /** Connection errors and timeouts. */
    readonly errors: number;
    /** Milliseconds. */
    readonly latency: { readonly p50: number; readonly p99: number };
  }

  function autocannon(options: Options): Promise<Result>;
  export default autocannon;
}
