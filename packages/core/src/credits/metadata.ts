import type { FieldProblem } from '../kernel/errors.ts';
import { isUnicode } from './unicode.ts';

export const METADATA_BYTES_MAX = 4096;
/** Both databases and the canonical form go down recursively: far below where any of them gives up. */
const METADATA_DEPTH_MAX = 16;

/** Metadata is a JSON object that comes back from either database as it went in. */
export function metadataProblem(metadata: unknown): FieldProblem | undefined {
  if (metadata === undefined) return undefined;
  if (!isPlainObject(metadata)) return problem('wrong_type', 'must be a JSON object');
  if (!isStorable(metadata, METADATA_DEPTH_MAX)) {
    return problem(
      'not_json',
      `must be JSON at most ${METADATA_DEPTH_MAX} levels deep, without NUL or unpaired surrogates in texts`,
    );
  }
  return Buffer.byteLength(JSON.stringify(metadata)) <= METADATA_BYTES_MAX
    ? undefined
    : problem('too_large', `must be at most ${METADATA_BYTES_MAX} bytes of JSON`);
}

function problem(code: string, message: string): FieldProblem {
  return { field: 'metadata', code, message };
}

function isStorable(value: unknown, depthLeft: number): boolean {
  if (typeof value === 'string') return isUnicode(value) && !value.includes('\0');
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'boolean' || value === null) return true;
  if (depthLeft === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isStorable(item, depthLeft - 1));
  return (
    isPlainObject(value) &&
    Object.entries(value).every((member) => member.every((part) => isStorable(part, depthLeft - 1)))
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
