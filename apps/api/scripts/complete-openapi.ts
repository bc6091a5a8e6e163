/**
 * Adds to the generated OpenAPI document what is true of many operations, from tables instead of a decorator on each:
 * the answers that the door gives, the Idempotency-Key, and the permission in words. Run after tsoa, by `generate`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Operation {
  description?: string;
  security?: Record<string, string[]>[];
  parameters?: object[];
  requestBody?: object;
  responses: Record<string, Response>;
}

interface Response {
  description?: string;
  headers?: Record<string, object>;
  content?: Record<string, { schema?: { $ref?: string } }>;
  $ref?: string;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, object>>;
}

const CHANGES = new Set(['post', 'put', 'patch', 'delete']);
/** Answered from memory: the database is not asked. */
const FROM_MEMORY = new Set(['getKeys', 'getDiscovery', 'getLiveness', 'getStatus']);

/** Their answer is a stream to whoever asks with `Accept: text/csv`. */
const AS_CSV = new Set(['listTransactions', 'listMyTransactions', 'getStatement', 'getMyStatement']);

type When = (operation: Operation, address: { path: string; method: string; id: string }) => boolean;

const bearer: When = ({ security }) => security?.some((scheme) => 'bearer' in scheme) ?? false;
const hasBody: When = ({ requestBody }) => requestBody !== undefined;
const isKeyed: When = (_, { path, method }) => CHANGES.has(method) && !path.startsWith('/api/auth/');

/** Which operations give which common answer: `[name, status, when, title, code, detail]`. */
const answers: readonly (readonly [
  name: string,
  status: number,
  when: When,
  title: string,
  code: string,
  detail: string,
])[] = [
  ['Malformed', 400, canBeInvalid, 'The request cannot be read', 'request.malformed', 'The body is not a JSON object.'],
  [
    'Unauthenticated',
    401,
    bearer,
    'Unauthorized',
    'auth.token_expired',
    'The access token has expired: refresh it and try again.',
  ],
  [
    'Forbidden',
    403,
    needsPermission,
    'Forbidden',
    'auth.scope_missing',
    'The access token lacks a scope that this request needs.',
  ],
  [
    'Conflict',
    409,
    isKeyed,
    'The same request is still being carried out',
    'idempotency.in_flight',
    'Send it again to get its answer.',
  ],
  [
    'TooLarge',
    413,
    hasBody,
    'The request body is too large',
    'request.too_large',
    'The body is larger than this operation accepts.',
  ],
  ['NotJson', 415, hasBody, 'The request body is not JSON', 'request.unsupported_media_type', 'Send the body as JSON.'],
  [
    'Invalid',
    422,
    canBeInvalid,
    'The request has invalid fields',
    'request.invalid',
    'id: must be a UUID in lower case',
  ],
  [
    'Unavailable',
    503,
    asksTheDatabase,
    'The database cannot be reached',
    'database.unavailable',
    'Try again in a few seconds.',
  ],
];

function needsPermission({ security }: Operation): boolean {
  return security?.some((scheme) => (scheme['bearer']?.length ?? 0) > 0) ?? false;
}

function canBeInvalid(operation: Operation, address: Parameters<When>[1]): boolean {
  return hasBody(operation, address) || isKeyed(operation, address) || (operation.parameters?.length ?? 0) > 0;
}

function asksTheDatabase(_: Operation, { id }: { id: string }): boolean {
  return !FROM_MEMORY.has(id);
}

function problem(status: number, title: string, code: string, detail: string): object {
  const example = {
    type: `urn:problem-type:${code}`,
    title,
    status,
    detail,
    instance: '/api/users',
    code,
    correlation_id: '5f1c9d0e-8a54-4b3a-9a55-0c8c3b7f4c11',
  };
  return { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, example } };
}

const retryAfter = { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } };

function components(): Document['components'] {
  const responses = Object.fromEntries(
    answers.map(([name, status, , title, code, detail]) => [
      name,
      {
        description: title,
        ...(status === 503 && { headers: retryAfter }),
        ...(status === 401 && { headers: { 'WWW-Authenticate': { $ref: '#/components/headers/WwwAuthenticate' } } }),
        content: problem(status, title, code, detail),
      },
    ]),
  );
  const header = (description: string): object => ({ description, schema: { type: 'string' } });
  return {
    responses,
    headers: {
      RetryAfter: header('Seconds after which trying again makes sense.'),
      WwwAuthenticate: header('How to authenticate (RFC 6750).'),
      Location: header('The address of what was made.'),
      IdempotentReplayed: header('`true` when this is the stored answer to an earlier request with the same key.'),
    },
    parameters: { IdempotencyKey: idempotencyKey },
  };
}

const idempotencyKey = {
  in: 'header',
  name: 'Idempotency-Key',
  required: false,
  description:
    'Makes a repetition safe: within 24 hours the same key with the same request gets the first answer again, byte by byte, ' +
    'instead of a second effect. `X-Request-ID` is taken as its alias.',
  schema: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[\\x21-\\x7e]+$' },
};

function complete(operation: Operation, address: { path: string; method: string; id: string }): void {
  const own = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
  for (const [status, response] of own) asProblem(Number(status), response);
  for (const [name, status, when] of answers) {
    if (when(operation, address)) operation.responses[status] ??= { $ref: `#/components/responses/${name}` };
  }
  const permissions = operation.security?.flatMap((scheme) => scheme['bearer'] ?? []) ?? [];
  if (permissions.length > 0)
    operation.description += `\n\nNeeds the permission ${permissions.map((name) => `\`${name}\``).join(', ')}.`;
  if (isKeyed(operation, address))
    operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/IdempotencyKey' }];
  addHeaders(operation, address);
}

/** tsoa knows one media type for all answers. Health answers its own shape also when it is bad. */
function asProblem(status: number, response: Response): void {
  const plain = response.content?.['application/json'];
  if (plain?.schema?.$ref !== '#/components/schemas/Problem') return;
  response.content = { 'application/problem+json': plain };
  if (status === 401) response.headers = { 'WWW-Authenticate': { $ref: '#/components/headers/WwwAuthenticate' } };
}

function addHeaders(operation: Operation, address: { path: string; method: string; id: string }): void {
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!status.startsWith('2') || !isKeyed(operation, address)) continue;
    response.headers = {
      'Idempotent-Replayed': { $ref: '#/components/headers/IdempotentReplayed' },
      ...(status === '201' && { Location: { $ref: '#/components/headers/Location' } }),
    };
  }
  if (AS_CSV.has(address.id)) addCsv(operation);
  if (address.path.startsWith('/.well-known/'))
    operation.responses['304'] = { description: 'Unchanged since the ETag in If-None-Match' };
}

function addCsv({ responses }: Operation): void {
  const { content } = responses['200'] ?? {};
  if (content !== undefined) Object.assign(content, { 'text/csv': { schema: { type: 'string' } } });
}

const file = new URL('../openapi.json', import.meta.url);
const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
for (const [path, item] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    const { operationId: id } = operation as unknown as { operationId: string };
    complete(operation, { path, method, id });
  }
}
Object.assign(document.components, components());
writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`);
