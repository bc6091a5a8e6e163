import type { FieldProblem } from '@org/core';
import type { FieldErrors } from '@tsoa/runtime';

/** How the validator of the generated routes words its refusals, and what we call them. First match counts. */
const wordings: readonly (readonly [wording: RegExp, code: string, message: (...groups: string[]) => string])[] = [
  [/ is required$/, 'required', () => 'is required'],
  [/excess property/, 'unknown_field', () => 'is not a field of this request'],
  [/^invalid (\w+) (?:value|number)$/, 'wrong_type', (type) => `must be ${named(type)}`],
  [/^invalid (\w+)$/, 'wrong_type', (type) => `must be ${named(type)}`],
  [/^min (-?\d+)$/, 'out_of_range', (min) => `must be at least ${min}`],
  [/^max (-?\d+)$/, 'out_of_range', (max) => `must be at most ${max}`],
  [/^minLength (\d+)$/, 'too_short', (min) => `must have at least ${min} characters`],
  [/^maxLength (\d+)$/, 'too_long', (max) => `must have at most ${max} characters`],
  [/^minItems (\d+)$/, 'too_short', (min) => `must have at least ${min} items`],
  [/^maxItems (\d+)$/, 'too_long', (max) => `must have at most ${max} items`],
  [/^required unique array$/, 'not_unique', () => 'must not name anything twice'],
  [/^should be one of the following; \[(.*)\]$/, 'unknown_value', (values) => `must be one of ${values}`],
  // Patterns are worded by their `@pattern` in the wire types.
  [/^must /, 'wrong_format', () => ''],
];

const types: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  float: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

function named(type = ''): string {
  return types[type] ?? `a valid ${type}`;
}

/** What the generated routes found wrong, without the values: one of them may be a password. */
export function fieldProblems(fields: FieldErrors): FieldProblem[] {
  return Object.entries(fields).map(([path, { message }]) => worded(fieldName(path), message));
}

function worded(field: string, wording: string): FieldProblem {
  const text = firstOfUnion(wording);
  for (const [pattern, code, message] of wordings) {
    const match = pattern.exec(text);
    if (match) return { field, code, message: message(...match.slice(1)) || text };
  }
  return { field, code: 'invalid', message: 'is not valid' };
}

/** `body.profile.$0` is what the caller wrote as `profile.0`. */
function fieldName(path: string): string {
  return path.replace(/^(body|query)\.(?=.)/, '').replace(/\$(\d+)/g, '$1');
}

/** For `string | null` the validator lists what each member had against the value; the first is the one that was meant. */
function firstOfUnion(wording: string): string {
  const issues = /^Could not match the union .* Issues: (\[.*\])$/s.exec(wording)?.[1];
  if (issues === undefined) return wording;
  const [first] = JSON.parse(issues) as FieldErrors[];
  return Object.values(first ?? {})[0]?.message ?? wording;
}
