import { readFileSync } from 'node:fs';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON object that was sent, or an empty one. */
  readonly body: Record<string, unknown>;
}

type Headed = Readonly<Record<string, string>>;
type Bodied = (path: string, body?: unknown, headers?: Headed) => Promise<Answer>;

export interface Http {
  get(path: string, headers?: Headed): Promise<Answer>;
  post: Bodied;
  put: Bodied;
  patch: Bodied;
  delete: Bodied;
  /** Sends what is given, byte by byte. */
  raw(path: string, init: RequestInit): Promise<Answer>;
}

/** A client that also holds every answer against the OpenAPI document: an undocumented status fails the test. */
export function httpClient(url: string, standing: Headed = {}): Http {
  const raw = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, {
      redirect: 'manual',
      ...init,
      headers: { ...standing, ...(init.headers as Headed) },
    });
    const text = await response.text();
    requireDocumented(init.method ?? 'GET', path, response.status);
    const isJson = text !== '' && (response.headers.get('content-type')?.includes('json') ?? false);
    const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, text, body };
  };
  const bodied =
    (method: string): Bodied =>
    (path, body, headers = {}) =>
      raw(path, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      });
  return {
    raw,
    get: (path, headers = {}) => raw(path, { method: 'GET', headers }),
    post: bodied('POST'),
    put: bodied('PUT'),
    patch: bodied('PATCH'),
    delete: bodied('DELETE'),
  };
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly responses: Readonly<Record<string, object>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export const document = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')) as Document;

/** Every operation of the document with its address. */
export const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

function requireDocumented(method: string, path: string, status: number): void {
  const plain =
    path
      .split('?', 1)[0]
      ?.replace(/^\/api\/v1\//, '/api/')
      .replace(/(?<=.)\/$/, '') ?? '';
  const documented = operations.find((known) => known.method === method && matches(known.path, plain));
  if (documented === undefined || String(status) in documented.operation.responses) return;
  throw new Error(`${method} ${path} answered ${status}, which openapi.json does not mention`);
}

/** Literal paths come before those with parameters, as in the router. */
function matches(template: string, path: string): boolean {
  if (template in document.paths && path in document.paths) return template === path;
  return new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
}
