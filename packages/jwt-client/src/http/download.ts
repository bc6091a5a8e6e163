export interface DownloadOptions {
  /** Default: the global one as it is at the call, so that a fetch instrumented or replaced later is used. */
  readonly fetch?: typeof fetch | undefined;
  /** Limit from the first byte to the last. */
  readonly timeoutMs: number;
  readonly bodyBytesMax: number;
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Download {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** Fetches a text: status 200 (or 304, when `If-None-Match` was sent), no redirect, within `bodyBytesMax` and `timeoutMs`. */
export async function download(url: string, options: DownloadOptions): Promise<Download> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  // Raced as well as passed on: a fetch handed in from outside may not listen to the signal.
  return Promise.race([request(url, options, signal), rejectWhenAborted(signal)]);
}

async function request(url: string, options: DownloadOptions, signal: AbortSignal): Promise<Download> {
  const { fetch = globalThis.fetch, headers } = options;
  // Redirects are not followed: they could lead to http, or into the private network.
  const response = await fetch(url, { headers, redirect: 'manual', signal });
  const { status } = response;
  if (status === 200)
    return { status, text: await readText(response, url, options.bodyBytesMax), headers: response.headers };
  await response.body?.cancel(); // An unread body would keep its connection until the garbage collector comes.
  if (status === 304 && 'if-none-match' in headers) return { status, text: '', headers: response.headers };
  throw new Error(`${url} answered ${status}, not 200 (redirects are not followed)`);
}

/** The body as UTF-8. Throws when it is longer than `bodyBytesMax`. */
export async function readText(response: Response, url: string, bodyBytesMax: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const body = response.body as AsyncIterable<Uint8Array> | null;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bodyBytesMax) throw new Error(`${url} answered more than ${bodyBytesMax} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

export function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
