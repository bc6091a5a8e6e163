import { DomainError, type FieldProblem } from '@org/core';
import { AccessTokenError, type VerificationError } from '@org/jwt-client';
import { ValidateError } from '@tsoa/runtime';
import type { Request } from 'express';

import { Refusal } from './refusals.ts';
import { statusOf } from './statuses.ts';
import { fieldProblems } from './validation.ts';
import type { Problem } from './wire.ts';

/** An error on its way out: what the body says, and the headers that go with it. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly facts?: Readonly<Record<string, string | number>>;
  readonly fields?: readonly FieldProblem[];
  readonly headers?: Readonly<Record<string, string>>;
}

const REALM = 'Bearer realm="api"';

/** Names a failure for the wire, or `undefined` when nobody foresaw it. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof DomainError) return domainFailure(error);
  if (error instanceof ValidateError) return invalid(fieldProblems(error.fields));
  if (error instanceof AccessTokenError) return tokenFailure(error);
  if (error instanceof Refusal) return refusalFailure(error);
  return unreadable(error);
}

export const unexpected: Failure = {
  status: 500,
  code: 'internal.unexpected',
  title: 'Something went wrong on our side',
  detail: 'The request could not be carried out. Quote the correlation id when you ask for help.',
};

/** What the door has against a request, for the wire. */
export function refusalFailure({ httpStatus: status, code, title, message: detail, headers }: Refusal): Failure {
  return { status, code, title, detail, headers };
}

function domainFailure(error: DomainError): Failure {
  const { kind, title } = error.reason;
  const { code, message: detail, facts, fields, retryAfterSeconds } = error;
  const headers = {
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    // RFC 9110, section 15.5.2: a 401 says how to authenticate.
    ...(kind === 'unauthenticated' && { 'WWW-Authenticate': REALM }),
  };
  const said = fields.length > 0 ? bounded(fields.map(onTheWire)) : { detail: shortened(detail, DETAIL_LENGTH_MAX) };
  return { status: statusOf[kind], code, title, facts, headers, ...said };
}

/** Where the wire's name is not the domain's in snake case. */
const wireNames: Readonly<Record<string, string>> = { toUserId: 'to' };

/** The domain says `refundOf`; whoever sent the request wrote `refund_of`. */
function onTheWire(problem: FieldProblem): FieldProblem {
  const inSnakeCase = problem.field.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return { ...problem, field: wireNames[problem.field] ?? inSnakeCase };
}

function invalid(fields: readonly FieldProblem[]): Failure {
  return { status: 422, code: 'request.invalid', title: 'The request has invalid fields', ...bounded(fields) };
}

const FIELDS_MAX = 20;
const FIELD_LENGTH_MAX = 100;
const DETAIL_LENGTH_MAX = 1_000;

/** The first fields at fault, and how many more there are: an answer does not grow with the request. */
function bounded(fields: readonly FieldProblem[]): { detail: string; fields: FieldProblem[] } {
  const shown = fields
    .slice(0, FIELDS_MAX)
    .map((problem) => ({ ...problem, field: shortened(problem.field, FIELD_LENGTH_MAX) }));
  const said = shown.map(({ field, message }) => `${field}: ${message}`);
  if (fields.length > FIELDS_MAX) said.push(`and ${fields.length - FIELDS_MAX} more`);
  return { detail: said.join('; '), fields: shown };
}

function shortened(text: string, lengthMax: number): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
}

function tokenFailure(error: VerificationError): Failure {
  const { title, detail, status, code } = error.toProblem();
  const challenge = error.toWwwAuthenticate();
  const retryAfter = error.retryAfterSeconds;
  const headers = {
    ...(challenge !== undefined && { 'WWW-Authenticate': challenge }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
  };
  return { status, code: `auth.${code}`, title, detail, headers };
}

const MALFORMED = { status: 400, code: 'request.malformed', title: 'The request cannot be read' } as const;

/** How the readers of bodies and addresses name what is wrong. */
const readers: Readonly<Record<string, Failure>> = {
  'entity.parse.failed': { ...MALFORMED, detail: 'The body is not a JSON object. Check quotes, commas and brackets.' },
  'entity.too.large': {
    status: 413,
    code: 'request.too_large',
    title: 'The request body is too large',
    detail: 'The body is larger than this operation accepts (100 kB; 5 kB for sign-in).',
  },
  'encoding.unsupported': {
    status: 415,
    code: 'request.unsupported_media_type',
    title: 'The request body is not plain JSON',
    detail: 'Compressed bodies are not accepted. Send the body without a Content-Encoding.',
  },
  'charset.unsupported': {
    status: 415,
    code: 'request.unsupported_media_type',
    title: 'The request body is not JSON in UTF-8',
    detail: 'Send the body in UTF-8.',
  },
  'request.aborted': { ...MALFORMED, detail: 'The body ended early.' },
  'request.size.invalid': { ...MALFORMED, detail: 'The body is not as long as its Content-Length says.' },
};

function unreadable(error: unknown): Failure | undefined {
  if (error instanceof URIError) return { ...MALFORMED, detail: 'The address has an incomplete percent-encoding.' };
  if (!(error instanceof Error) || !('type' in error)) return undefined;
  return readers[String(error.type)];
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The body of a problem, as it is sent and, for a lasting refusal, stored. */
export function problemBody(request: Request, failure: Failure): string {
  return JSON.stringify(problemAbout(request, failure));
}

/** The problem that a request has met, also where it is one of many in its answer. */
export function problemAbout({ originalUrl, exchange }: Request, failure: Failure): Problem {
  return problemOf(failure, originalUrl.split('?', 1)[0] ?? '', exchange.correlationId);
}

/** A problem in writing. `instance` is the address that was asked, or, where none could be read, an id of the event. */
export function problemDocument(failure: Failure, instance: string, correlationId: string): string {
  return JSON.stringify(problemOf(failure, instance, correlationId));
}

function problemOf(failure: Failure, instance: string, correlationId: string): Problem {
  const { status, code, title, detail, facts, fields } = failure;
  return {
    type: `urn:problem-type:${code}`,
    title,
    status,
    detail,
    instance,
    // Before the code: a fact may have the name of a member, and the member counts.
    ...facts,
    code,
    ...(fields && fields.length > 0 && { errors: [...fields] }),
    correlation_id: correlationId,
  };
}
