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

const domain = errorCatalog.map(({ code, kind, title }) => ({
  code,
  status: statusOf[kind],
  title,
  todo: whatToDo[kind],
}));
const door = refusalCatalog.map(({ code, status, title }) => ({ code, status, title, todo: todoFor(status) }));

function todoFor(status: number): string {
  const kind = Object.entries(statusOf).find(([, other]) => other === status)?.[0] as ErrorKind | undefined;
  return kind === undefined ? 'Correct the request.' : whatToDo[kind];
}

const rows = [...domain, ...door]
  .toSorted((one, other) => (one.code < other.code ? -1 : 1))
  .map(({ code, status, title, todo }) => `| \`${code}\` | ${status} | ${title} | ${todo} |`);

const guide = `# Errors

Every error is \`application/problem+json\` (RFC 9457). \`code\` is permanent: write programs against it. \`detail\` is for
people and says what happened and what to do. \`errors\` names the fields at fault; \`correlation_id\` finds the request
in our logs and audit. There is never a stack, SQL or a secret in it.

\`\`\`json
{
  "type": "urn:problem-type:credits.insufficient",
  "title": "The balance does not cover it",
  "status": 402,
  "detail": "…",
  "instance": "/api/users/0198c2f0-5c1e-7d43-9b1f-3f1c2a7d9e10/credits",
  "code": "credits.insufficient",
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
