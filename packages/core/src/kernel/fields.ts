import { InvalidInput, type FieldProblem } from './errors.ts';
import { isId } from './ids.ts';
import { isPlainObject, isStorableJson, isStorableText, JSON_DEPTH_MAX } from './storable.ts';

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
  if (!isStorableText(value))
    return { field, code: 'not_unicode', message: 'must not contain unpaired surrogates or NUL' };
  // They only serve to forge lines in logs and mails.
  // oxlint-disable-next-line no-control-regex
  return /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value)
    ? { field, code: 'control_characters', message: 'must not contain control characters' }
    : undefined;
}

/** A JSON object of at most `bytesMax` bytes when written out, that comes back from the database as it went in. */
export function checkJsonObject(
  field: string,
  value: unknown,
  { bytesMax }: { bytesMax: number },
): FieldProblem | undefined {
  if (!isPlainObject(value)) return { field, code: 'wrong_type', message: 'must be a JSON object' };
  if (!isStorableJson(value)) {
    const message = `must be JSON at most ${JSON_DEPTH_MAX} levels deep, without unpaired surrogates or NUL`;
    return { field, code: 'not_json', message };
  }
  return Buffer.byteLength(JSON.stringify(value)) <= bytesMax
    ? undefined
    : { field, code: 'too_large', message: `must be at most ${bytesMax} bytes of JSON` };
}

export function checkId(field: string, value: unknown): FieldProblem | undefined {
  return typeof value === 'string' && isId(value)
    ? undefined
    : { field, code: 'not_an_id', message: 'must be a UUID in lower case' };
}
