import { InvalidInput, type FieldProblem } from './errors.ts';
import { isId } from './ids.ts';

/** Refuses the input when any check found a problem. @throws InvalidInput naming every field at fault */
export function requireValid(...problems: readonly (FieldProblem | undefined)[]): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) throw new InvalidInput(found);
}

/** Text of `min` to `max` characters without control characters. */
export function checkText(
  field: string,
  value: unknown,
  { min = 0, max }: { min?: number; max: number },
): FieldProblem | undefined {
  if (typeof value !== 'string') return { field, code: 'wrong_type', message: 'must be text' };
  if (value.length < min || value.length > max) {
    return { field, code: 'wrong_length', message: `must have ${min} to ${max} characters` };
  }
  // A NUL cannot be stored by PostgreSQL; the others only serve to forge lines in logs and mails.
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value)
    ? { field, code: 'control_characters', message: 'must not contain control characters' }
    : undefined;
}

/** A JSON object of at most `bytesMax` bytes when written out. */
export function checkJsonObject(
  field: string,
  value: unknown,
  { bytesMax }: { bytesMax: number },
): FieldProblem | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { field, code: 'wrong_type', message: 'must be a JSON object' };
  }
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > bytesMax)
    return { field, code: 'too_large', message: `must be at most ${bytesMax} bytes of JSON` };
  return text.includes('\\u0000')
    ? { field, code: 'control_characters', message: 'must not contain NUL characters' }
    : undefined;
}

export function checkId(field: string, value: unknown): FieldProblem | undefined {
  return typeof value === 'string' && isId(value)
    ? undefined
    : { field, code: 'not_an_id', message: 'must be a UUID in lower case' };
}
