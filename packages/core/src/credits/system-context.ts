import type { Context } from '../scope.ts';

/** Who posts what falls due: nobody asked for it. */
export const SYSTEM: Context = { actor: 'system', clientId: 'system' };
