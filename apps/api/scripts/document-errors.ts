/** Writes `docs/errors.md` from the error classes of the domain and the tables of the door. A check compares it. */
import { writeFileSync } from 'node:fs';
import { errorCatalog, type ErrorKind } from '@org/core';

import { refusalCatalog } from '../src/http/refusals.ts';
import { statusOf } from '../src/http/statuses.ts';

/** What every error of a kind asks of its receiver. */
const whatToDo = {
  malformed: 'The request cannot be read. Correct its form.',
  unauthenticated: 'Say who you are: sign in again, or refresh the access token.',
  insufficient:
    'The balance does not cover it. `available` and `required` say how much is there and how much was asked.',
  forbidden: 'You are known, and may not do this.',
  missing: 'It does not exist, or you may not know that it does.',
  conflict: 'It does not go with how things stand now. Read the present state, then decide.',
  invalid: 'Correct the fields that `errors` names. Nothing was changed.',
  limited: 'Too many requests. Wait as long as `Retry-After` says.',
  internal: 'Our fault. Report the `correlation_id`.',
  unavailable: 'Nothing was acknowledged. Try again after `Retry-After`, with the same `Idempotency-Key`.',
} as const satisfies Record<ErrorKind, string>;

/** Where a code asks for something else than its kind. */
const whatToDoAbout: Readonly<Record<string, string>> = {
  'auth.invalid_credentials': 'Check both. Which of them is wrong, and whether there is such a user, is not said.',
  'auth.invalid_refresh_token': 'Sign in again.',
  'auth.status_token_invalid': 'Send the value of `SERVICE_API_TOKEN` as `X-Status-Token`.',
  'auth.token_revoked': 'Sign in again.',
  'idempotency.in_flight': 'Send the same request again after `Retry-After`: it gets the answer of the first.',
  'idempotency.key_reused': 'Use a new key for a new request. The one that the key belongs to stands.',
  'request.headers_too_large': 'Send fewer or shorter headers, 16 kB together.',
  'request.timeout': 'Send it again, within 30 seconds.',
  'request.too_large': 'Send less: 100 kB, and 5 kB for sign-in.',
  'request.unsupported_media_type': 'Send JSON in UTF-8, uncompressed, with `Content-Type: application/json`.',
  'roles.unknown': '`detail` names the roles that do not exist. `GET /api/roles` lists those that do.',
  'route.method_not_allowed': 'Use a method that `Allow` names.',
  'route.missing': 'Check the address: `GET /api/docs` shows what there is.',
};

const domain = errorCatalog.map(({ code, kind, title }) => ({ code, kind, status: statusOf[kind], title }));
const door = refusalCatalog.map(({ code, status, title }) => ({ code, kind: kindOf(status), status, title }));
const all: readonly { code: string; kind: ErrorKind | undefined; status: number; title: string }[] = [
  ...domain,
  ...door,
];

// Advice must not outlive its error.
for (const code of Object.keys(whatToDoAbout)) errorNamed(code);

function errorNamed(code: string): (typeof all)[number] {
  const found = all.find((one) => one.code === code);
  if (found === undefined) throw new Error(`there is no error ${code}`);
  return found;
}

function kindOf(status: number): ErrorKind | undefined {
  return Object.entries(statusOf).find(([, other]) => other === status)?.[0] as ErrorKind | undefined;
}

function todo({ code, kind }: (typeof all)[number]): string {
  const advice = whatToDoAbout[code] ?? (kind && whatToDo[kind]);
  if (advice === undefined) throw new Error(`nothing says what to do about ${code}`);
  return advice;
}

const rows = all
  .toSorted((one, other) => (one.code < other.code ? -1 : 1))
  .map((one) => `| \`${one.code}\` | ${one.status} | ${one.title} | ${todo(one)} |`);

const example = errorNamed('credits.insufficient');

const guide = `# Errors

Every error is \`application/problem+json\` (RFC 9457). \`code\` is permanent: write programs against it. \`detail\` is for
people and says what happened and what to do. \`errors\` names the fields at fault; \`correlation_id\` finds the request
in our logs and audit. There is never a stack, SQL or a secret in it.

\`\`\`json
{
  "type": "urn:problem-type:${example.code}",
  "title": "${example.title}",
  "status": ${example.status},
  "detail": "…",
  "instance": "/api/users/0198c2f0-5c1e-7d43-9b1f-3f1c2a7d9e10/credits",
  "code": "${example.code}",
  "available": 20,
  "required": 30,
  "correlation_id": "5f1c9d0e-8a54-4b3a-9a55-0c8c3b7f4c11"
}
\`\`\`

Refusals of an access token have the codes of [\`@org/jwt-client\`](../packages/jwt-client/README.md) after \`auth.\`, such
as \`auth.token_expired\`.

| code | status | title | what to do |
|---|---|---|---|
${rows.join('\n')}
`;

writeFileSync(new URL('../../../docs/errors.md', import.meta.url), guide);
