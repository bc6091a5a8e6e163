import { isObject, type JsonObject } from '../jws/json.ts';

const bodyBytesMax = 256 * 1024;

export interface DownloadOptions {
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Download {
  readonly document: JsonObject;
  readonly headers: Headers;
}

/** Fetches one JSON object: status 200, no redirect, at most 256 kB, within `timeoutMs` from first byte to last. */
export async function download(url: URL, { fetch, timeoutMs, signal }: DownloadOptions): Promise<Download> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  // Raced as well as passed on: a fetch handed in from outside may not listen to the signal.
  return Promise.race([readDocument(url, fetch, deadline), rejectWhenAborted(deadline)]);
}

async function readDocument(url: URL, fetch: DownloadOptions['fetch'], signal: AbortSignal): Promise<Download> {
  const headers = { accept: 'application/json, application/jwk-set+json' };
  // Redirects are not followed: they could lead to http, or into the private network.
  const response = await fetch(url, { headers, redirect: 'manual', signal });
  if (response.status !== 200) await refuseStatus(response, url);
  const document: unknown = JSON.parse(await readText(response, url));
  if (!isObject(document)) throw new Error(`${url.href} answered JSON that is not an object`);
  return { document, headers: response.headers };
}

async function refuseStatus(response: Response, url: URL): Promise<never> {
  await response.body?.cancel(); // An unread body would keep its connection until the garbage collector comes.
  throw new Error(`${url.href} answered ${response.status}, not 200 (redirects are not followed)`);
}

async function readText(response: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body = response.body as AsyncIterable<Uint8Array> | null;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bodyBytesMax) throw new Error(`${url.href} answered more than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
