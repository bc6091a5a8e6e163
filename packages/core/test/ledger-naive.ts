import fc from 'fast-check';

const AMOUNT_MAX = 2 ** 53 - 1;

/** One thing to do on an account; a refund names one of the spends so far, by position. */
export interface Step {
  type: 'purchase' | 'spend' | 'adjustment' | 'refund';
  amount: number;
  ofSpend: number;
}

/** Mostly amounts that meet one another, so that bounds are hit exactly; sometimes ones at the end of the range. */
const amount = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: AMOUNT_MAX - 40, max: AMOUNT_MAX }) },
);

export const step: fc.Arbitrary<Step> = fc
  .record({
    type: fc.constantFrom('purchase', 'spend', 'adjustment', 'refund'),
    amount,
    ofSpend: fc.nat({ max: 3 }),
    negative: fc.boolean(),
  })
  .map(({ type, amount: size, ofSpend, negative }) => ({
    type,
    ofSpend,
    amount: type === 'adjustment' && negative ? -size : size,
  }));

export type NaiveOutcome = { amount: number; balanceAfter: number } | { code: string };

/** The rules of one account as one would tell them aloud: exact sums, no database, no hashes. */
export class NaiveLedger {
  balance = 0n;
  frozen = false;
  readonly spends: { id: string; amount: bigint; refunded: bigint }[] = [];

  /** The id of the spend that a step refers to, if there is one. */
  spendOf({ ofSpend }: Step): string | undefined {
    return this.spends[ofSpend]?.id;
  }

  post({ type, amount: size, ofSpend }: Step, id: string): NaiveOutcome {
    const change = BigInt(type === 'spend' ? -size : size);
    if (this.frozen && type === 'spend') return { code: 'credits.account_frozen' };
    const spent = this.spends[ofSpend];
    if (type === 'refund') {
      if (spent === undefined) return { code: 'credits.not_refundable' };
      if (spent.refunded + change > spent.amount) return { code: 'credits.refund_exceeds' };
    }
    if (this.balance + change < 0n) return { code: 'credits.insufficient' };
    if (this.balance + change > BigInt(AMOUNT_MAX)) return { code: 'credits.out_of_range' };
    this.balance += change;
    if (type === 'refund' && spent !== undefined) spent.refunded += change;
    if (type === 'spend') this.spends.push({ id, amount: -change, refunded: 0n });
    return { amount: Number(change), balanceAfter: Number(this.balance) };
  }
}
