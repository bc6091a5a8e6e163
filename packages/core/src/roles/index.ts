export { assignRoles, requireAnAdmin } from './assign.ts';
export { LastAdmin, RoleUnknown } from './errors.ts';
export { ensureBuiltInRoles } from './ensure-built-in.ts';
export { listRoles, type RoleView } from './list.ts';
export { BUILT_IN_ROLES, PERMISSIONS, type Permission } from './permissions.ts';
