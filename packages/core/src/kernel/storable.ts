/** Both databases and the canonical form go down recursively: far below where any of them gives up. */
export const JSON_DEPTH_MAX = 16;

/** Whether text comes back as it went in: UTF-8 has no unpaired surrogates, and PostgreSQL stores no NUL. */
export function isStorableText(text: string): boolean {
  return !/\p{Surrogate}|\0/u.test(text);
}

/** Whether a value is JSON that comes back from either database as it went in. */
export function isStorableJson(value: unknown, depthLeft = JSON_DEPTH_MAX): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'boolean' || value === null) return true;
  if (depthLeft === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isStorableJson(item, depthLeft - 1));
  return (
    isPlainObject(value) &&
    Object.entries(value).every((member) => member.every((part) => isStorableJson(part, depthLeft - 1)))
  );
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
