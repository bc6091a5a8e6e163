export { changePassword, type PasswordChange } from './change-password.ts';
export { deactivateUser, reactivateUser, removeUser, type StatusChangeInput } from './change-status.ts';
export { createUser, type NewUserInput } from './create-user.ts';
export { setUserRoles } from './set-roles.ts';
export { setUp, type FirstAdmin, type SetupInput } from './setup.ts';
