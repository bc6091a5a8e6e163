import type { Step } from '../step.ts';
import { createUser } from './create-user.ts';
import { credits } from './credits.ts';
import { health } from './health.ts';
import { rewriteHistory } from './rewrite-history.ts';
import { adminSignsIn, userSignsIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';
import { verifyOffline } from './verify-offline.ts';

export const steps: readonly Step[] = [
  health,
  adminSignsIn,
  createUser,
  userSignsIn,
  verifyOffline,
  credits,
  rewriteHistory,
  signOut,
];
