import type { Screen } from './screen.ts';

const ANSWER_MS_MAX = 10_000;

/** One request, and what a right answer looks like. */
interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** An access token. */
  readonly token?: string;
  readonly idempotencyKey?: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly status: number;
  /** The members of the answer that matter here. */
  readonly shows?: readonly string[];
}

export interface Answer {
  readonly headers: Headers;
  /** The bytes as they came. */
  readonly text: string;
  /** The member of the JSON object, or '' when there is none. */
  get(member: string): string;
  readonly json: unknown;
}

export type Api = (call: Call) => Promise<Answer>;

/** What did not go as it should, for people. */
export class StepFailed extends Error {}

/** Sends requests and shows them as they happen, without the secrets in them. */
export function createApi(url: string, screen: Screen): Api {
  return async (call) => {
    screen.sends(`${call.method} ${shortIds(call.path)}`);
    if (call.idempotencyKey) screen.says(`Idempotency-Key: ${call.idempotencyKey}`);
    if (call.body) screen.says(shortIds(JSON.stringify(withoutSecrets(call.body))));
    const startedMs = performance.now();
    const response = await send(url, call);
    const answer = answerOf(response.headers, await response.text());
    if (response.status !== call.status) throw new StepFailed(explain(call, response.status, answer));
    screen.answers(`${response.status} in ${Math.round(performance.now() - startedMs)} ms`);
    for (const name of call.shows ?? []) screen.says(`${name}: ${answer.get(name)}`);
    return answer;
  };
}

async function send(url: string, { method, path, token, idempotencyKey, body }: Call): Promise<Response> {
  try {
    return await fetch(new URL(path, url), {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(idempotencyKey && { 'Idempotency-Key': idempotencyKey }),
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
  } catch (error) {
    const { message } = (error as Error).cause instanceof Error ? ((error as Error).cause as Error) : (error as Error);
    throw new StepFailed(`${method} ${path} got no answer from ${url}: ${message}`, { cause: error });
  }
}

function answerOf(headers: Headers, text: string): Answer {
  const json: unknown = headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined;
  const get = (name: string): string => {
    const value = (json as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  };
  return { headers, text, json, get };
}

function explain({ method, path, status }: Call, actual: number, answer: Answer): string {
  const reason = [answer.get('code'), answer.get('detail')].filter((text) => text !== '').join(': ');
  return `${method} ${path} answered ${actual} instead of ${status}${reason && ` (${reason})`}`;
}

function withoutSecrets(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, /password|token|secret/.test(name) ? '…' : value]),
  );
}

/** The last six characters tell ids apart; the first ones of a UUIDv7 are the time. */
function shortIds(text: string): string {
  return text.replace(/[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{6}([\da-f]{6})/g, '…$1');
}
