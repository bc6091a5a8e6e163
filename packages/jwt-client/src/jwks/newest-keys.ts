import type { AccessTokenError } from '../errors/index.ts';
import type { Eventually } from '../eventually.ts';
import type { KeySet } from './key-set.ts';

/**
 * Tries once more with the newest keys when the key is unknown, and the issuer may be asked. Which key set that is may
 * change while it is waited for.
 */
export async function withNewestKeys<T>(
  keySet: () => Pick<KeySet, 'revalidate' | 'refetch'>,
  attempt: () => Eventually<T>,
): Promise<T> {
  const due = keySet().revalidate();
  if (due) await due;
  try {
    return await attempt();
  } catch (error) {
    const newest = lacksKey(error) && keySet().refetch();
    if (!newest) throw error;
    await newest;
    return attempt();
  }
}

export const lacksKey = (error: unknown) => (error as Partial<AccessTokenError>).code === 'kid_unknown';
