export { User, USER_STATUSES, type UserStatus } from './entities.ts';
export { EmailTaken, UserMissing, WrongStatus } from './errors.ts';
