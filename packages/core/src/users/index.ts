export { emailKey, parseEmail } from './email.ts';
export { User, USER_STATUSES, type UserStatus } from './entities.ts';
export { EmailTaken, UserMissing, WrongStatus } from './errors.ts';
export { profileProblems } from './fields.ts';
export { getUser, getUserIn } from './get.ts';
export { insertUser } from './insert.ts';
export { listUsers, USER_SORTS, type UserFilter } from './list.ts';
export { lockUser, updateUser, type UserChanges } from './update.ts';
export type { UserView } from './views.ts';
