import type { Core } from '@org/core';

import { measure, zipf, type Rate } from './load.ts';

const FUNDS = 1_000_000_000;

/** Gives every account one lot that no measurement uses up. */
export async function fund(core: Core, userIds: readonly string[]): Promise<void> {
  for (let from = 0; from < userIds.length; from += 1_000) {
    const some = userIds.slice(from, from + 1_000);
    await Promise.all(some.map((userId) => core.credits.purchase({ userId, amount: FUNDS })));
  }
}

/** Spends of one credit by accounts that Zipf's law chooses. */
export async function measureSpends(
  core: Core,
  userIds: readonly string[],
  { callers, seconds }: { callers: number; seconds: number },
): Promise<Rate> {
  const pick = zipf(userIds.length);
  return measure(callers, seconds, (_caller, turn) =>
    core.credits.spend({
      userId: userIds[pick()] as string,
      amount: 1,
      reference: `job-${turn}`,
      description: 'one page',
    }),
  );
}
