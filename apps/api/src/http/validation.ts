import type { FieldProblem } from '@org/core';
import { ValidationService, type FieldErrors } from '@tsoa/runtime';

// oxlint-disable-next-line typescript/unbound-method -- called below on the validator that it belongs to
const { validateEnum } = ValidationService.prototype;

/** The validator compares `String(value)`, which makes `["spend"]` the literal `spend`. No list is equal to a literal. */
ValidationService.prototype.validateEnum = function refuseLists(name, value, ...rest) {
  return validateEnum.call(this, name, Array.isArray(value) ? {} : value, ...rest);
};

const MEMBERS = /^should be one of the following; \[(.*)\]$/;

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
  [MEMBERS, 'unknown_value', (values) => `must be one of ${values}`],
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
  const text = intendedOf(wording);
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

/**
 * For a union the validator lists what each member had against the value. Literals are all meant; of `string | null`
 * the first is.
 */
function intendedOf(wording: string): string {
  const issues = /^Could not match the union .* Issues: (\[.*\])$/s.exec(wording)?.[1];
  if (issues === undefined) return wording;
  const each = (JSON.parse(issues) as FieldErrors[]).map((issue) => Object.values(issue)[0]?.message ?? '');
  const literals = each.map((message) => MEMBERS.exec(message)?.[1]);
  if (literals.includes(undefined)) return each[0] ?? wording;
  return `should be one of the following; [${literals.join(', ')}]`;
}
