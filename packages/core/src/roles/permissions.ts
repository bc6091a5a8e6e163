/** Everything that an operation can ask for. A service's own scopes are permissions too. */
export const PERMISSIONS = [
  'users:read',
  'users:write',
  'roles:read',
  'roles:write',
  'profiles:write',
  'credits:read',
  'credits:write',
  /** To set floors (credit limits) and ceilings. */
  'credits:limits',
  /** To take a purchase back although that leaves the balance below its floor. */
  'credits:overdraw',
  'services:read',
  'services:write',
  'keys:read',
  'keys:write',
  'audit:read',
  'tokens:validate',
  'tokens:revoke',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** The roles that ship with the product: made at setup, never removed. */
export const BUILT_IN_ROLES = {
  admin: { description: 'May do everything.', permissions: [...PERMISSIONS] },
  user: { description: 'A person who signs in. May see and change what is their own.', permissions: [] },
} as const satisfies Record<string, { description: string; permissions: readonly Permission[] }>;
