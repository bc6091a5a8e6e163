import fc from 'fast-check';

/** One thing to do on an account. What it refers to (a spend, a purchase, a hold) is named by position. */
export interface Step {
  type:
    | 'purchase'
    | 'grant'
    | 'spend'
    | 'adjustment'
    | 'refund'
    | 'clawback'
    | 'transfer'
    | 'hold'
    | 'capture'
    | 'release';
  amount: number;
  of: number;
  priority: number;
  /** Of credits that come in, or of a hold; 0 for never. */
  lastsSeconds: number;
  /** Of a capture: the last one; of a clawback: below zero; of an adjustment: downwards. */
  flag: boolean;
  /** Of a capture: all that is left. */
  all: boolean;
}

/** Amounts, times and references that meet one another, so that bounds are hit exactly. */
export const step: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom(
    'purchase',
    'purchase',
    'grant',
    'grant',
    'spend',
    'spend',
    'adjustment',
    'refund',
    'clawback',
    'transfer',
    'hold',
    'hold',
    'capture',
    'release',
  ),
  amount: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.integer({ min: 1, max: 12 })),
  of: fc.nat({ max: 2 }),
  priority: fc.constantFrom(50, 50, 10, 90),
  lastsSeconds: fc.constantFrom(0, 0, 3, 6, 12),
  flag: fc.boolean(),
  all: fc.boolean(),
});

export type NaiveOutcome = { amount: number; balanceAfter: number; heldAfter: number } | { code: string };

/** One credit. */
interface Coin {
  priority: number;
  paid: boolean;
  expiresMs: number;
  bornMs: number;
  /** Of coins born in the same millisecond, which were first. */
  order: number;
  purchase: string;
}

interface Taken {
  id: string;
  isPurchase: boolean;
  atMs: number;
  /** What it took, in order; null for credits that were not there. */
  coins: (Coin | null)[];
  amount: number;
  refunded: number;
}

let coinOrder = 0;

/** The rules of one account as one would tell them aloud, coin by coin: no database, no hashes, no lots. */
export class NaiveLedger {
  coins: Coin[] = [];
  debt = 0;
  frozen = false;
  floor = 0;
  ceiling = Infinity;
  nowMs = 0;
  /** Time never goes back behind what has happened. */
  lastMs = 0;
  readonly spends: Taken[] = [];
  readonly purchases: Taken[] = [];
  readonly holds: { id: string; left: number; endsMs: number }[] = [];

  get balance(): number {
    return this.coins.length - this.debt;
  }

  get held(): number {
    return this.holds.reduce((sum, { left }) => sum + left, 0);
  }

  get available(): number {
    return this.balance - this.held - this.floor;
  }

  /** What expires next, and how much of it. */
  get expiresNext(): { amount: number; atMs: number } | null {
    const atMs = Math.min(...this.coins.map((coin) => coin.expiresMs).filter((ms) => ms > this.nowMs));
    return atMs === Infinity ? null : { atMs, amount: this.coins.filter((coin) => coin.expiresMs === atMs).length };
  }

  /** The id of what a step refers to, if there is any. */
  named({ type, of }: Step): string | undefined {
    if (type === 'refund') return this.spends[of]?.id;
    return type === 'clawback' ? this.purchases[of]?.id : this.holds[of]?.id;
  }

  /** Lets time pass: holds end and coins vanish, each in its moment; what is held keeps as many coins that should have gone. */
  passTo(timeMs: number): void {
    const untilMs = Math.max(this.lastMs, timeMs);
    const moments = [...this.coins.map((coin) => coin.expiresMs), ...this.holds.map((hold) => hold.endsMs), untilMs];
    for (const moment of [...new Set(moments)].filter((ms) => ms <= untilMs).toSorted((a, b) => a - b)) {
      this.#vanish(moment);
      for (const hold of this.holds.filter(({ endsMs, left }) => left > 0 && endsMs <= moment)) {
        hold.left = 0;
        this.#happens(moment);
        this.#vanish(moment);
      }
    }
    this.nowMs = untilMs;
  }

  /** How it would stand at a time, if somebody looked. Until then a clock may still be set back. */
  at(timeMs: number): NaiveLedger {
    const copy = Object.assign(new NaiveLedger(), this, {
      coins: [...this.coins],
      holds: this.holds.map((hold) => ({ ...hold })),
    });
    copy.passTo(timeMs);
    return copy;
  }

  post(next: Step, id: string, receiver: NaiveLedger): NaiveOutcome {
    const refusal = this.#refusal(next, receiver);
    if (refusal !== undefined) return { code: refusal };
    const amount = this.#carryOut(next, id, receiver);
    this.#happens(this.nowMs);
    return { amount, balanceAfter: this.balance, heldAfter: this.held };
  }

  #refusal({ type, amount, of, flag, all }: Step, receiver: NaiveLedger): string | undefined {
    if (this.frozen && ['spend', 'hold', 'transfer'].includes(type)) return 'credits.account_frozen';
    const given = type === 'refund' ? this.spends[of] : this.purchases[of];
    if (type === 'refund' || type === 'clawback') {
      if (given === undefined) return 'credits.not_refundable';
      if (given.refunded + amount > given.amount) return 'credits.refund_exceeds';
    }
    if (type === 'capture' || type === 'release') {
      const hold = this.holds[of];
      if (hold === undefined) return 'credits.hold_missing';
      if (hold.left === 0) return 'credits.hold_closed';
      return type === 'capture' && !all && amount > hold.left ? 'credits.hold_exceeds' : undefined;
    }
    const takes = ['spend', 'hold', 'transfer'].includes(type) || (type === 'adjustment' && flag);
    if ((takes || (type === 'clawback' && !flag)) && amount > this.available) return 'credits.insufficient';
    const gains = ['purchase', 'grant', 'refund'].includes(type) || (type === 'adjustment' && !flag);
    const gainer = type === 'transfer' ? receiver : this;
    return (gains || type === 'transfer') && gainer.balance + amount > gainer.ceiling
      ? 'credits.out_of_range'
      : undefined;
  }

  #carryOut(next: Step, id: string, receiver: NaiveLedger): number {
    const { type, amount, flag } = next;
    if (type === 'purchase') this.purchases.push(this.#record(id, true, amount, []));
    if (type === 'purchase' || type === 'grant' || (type === 'adjustment' && !flag)) return this.#mint(next, id);
    if (type === 'refund') return this.#giveBack(next, id);
    if (type === 'hold') {
      this.holds.push({ id, left: amount, endsMs: this.nowMs + (next.lastsSeconds || 20) * 1000 });
      return 0;
    }
    if (type === 'release') return this.#letGo(next.of);
    if (type === 'capture') return this.#capture(next, id);
    if (type === 'clawback') return this.#clawBack(next);
    const coins = this.#take(amount, this.#liveFirst());
    if (type === 'spend') this.spends.push(this.#record(id, false, amount, coins));
    if (type === 'transfer') receiver.#receive(coins, id);
    return -amount;
  }

  #record(id: string, isPurchase: boolean, amount: number, coins: (Coin | null)[]): Taken {
    return { id, isPurchase, amount, coins, atMs: this.nowMs, refunded: 0 };
  }

  #mint({ type, amount, priority, lastsSeconds }: Step, purchase: string): number {
    const expiresMs = lastsSeconds === 0 ? Infinity : this.nowMs + lastsSeconds * 1000;
    const coin = { priority, paid: type !== 'grant', expiresMs, bornMs: this.nowMs, order: coinOrder++, purchase };
    for (let count = 0; count < amount; count++) this.#gain(coin);
    return amount;
  }

  /** A debt is paid before anything is kept. */
  #gain(coin: Coin): void {
    if (this.debt > 0) this.debt -= 1;
    else this.coins.push(coin);
  }

  #receive(coins: readonly (Coin | null)[], purchase: string): void {
    this.#happens(this.nowMs);
    for (const coin of coins) {
      this.#gain({ ...(coin ?? this.#plain()), bornMs: this.nowMs, order: coinOrder++, purchase });
    }
  }

  #plain(): Coin {
    return { priority: 50, paid: true, expiresMs: Infinity, bornMs: this.nowMs, order: coinOrder++, purchase: '' };
  }

  #giveBack({ amount, of }: Step, id: string): number {
    const spent = this.spends[of] as Taken;
    for (const coin of spent.coins.toReversed().slice(spent.refunded, spent.refunded + amount)) {
      if (coin === null) this.#gain({ ...this.#plain(), purchase: id });
      else if (coin.expiresMs > this.nowMs) this.#gain(coin);
      else {
        const expiresMs = this.nowMs + (coin.expiresMs - spent.atMs);
        this.#gain({ ...coin, expiresMs, bornMs: this.nowMs, order: coinOrder++, purchase: id });
      }
    }
    spent.refunded += amount;
    return amount;
  }

  #capture({ amount, of, flag, all }: Step, id: string): number {
    const hold = this.holds[of] as { left: number };
    const captured = all ? hold.left : amount;
    hold.left = flag ? 0 : hold.left - captured;
    const coins = this.#take(
      captured,
      this.#liveFirst().toSorted((a, b) => Number(this.#live(a)) - Number(this.#live(b))),
    );
    this.spends.push(this.#record(id, false, captured, coins));
    return -captured;
  }

  #letGo(of: number): number {
    (this.holds[of] as { left: number }).left = 0;
    return 0;
  }

  #clawBack({ amount, of }: Step): number {
    const bought = this.purchases[of] as Taken;
    const isOther = (coin: Coin): number => Number(coin.purchase !== bought.id);
    this.#take(
      amount,
      this.#liveFirst().toSorted((a, b) => isOther(a) - isOther(b)),
    );
    bought.refunded += amount;
    return -amount;
  }

  #take(amount: number, inOrder: readonly Coin[]): (Coin | null)[] {
    const taken = inOrder.slice(0, amount);
    for (const coin of taken) this.coins.splice(this.coins.indexOf(coin), 1);
    const missing = amount - taken.length;
    this.debt += missing;
    return [...taken, ...Array.from({ length: missing }, () => null)];
  }

  #live(coin: Coin): boolean {
    return coin.expiresMs > this.nowMs;
  }

  #inOrder(): Coin[] {
    return this.coins.toSorted(
      (a, b) =>
        a.priority - b.priority ||
        (a.expiresMs === b.expiresMs ? 0 : a.expiresMs - b.expiresMs) ||
        Number(a.paid) - Number(b.paid) ||
        a.bornMs - b.bornMs ||
        a.order - b.order,
    );
  }

  #liveFirst(): Coin[] {
    return this.#inOrder().toSorted((a, b) => Number(this.#live(b)) - Number(this.#live(a)));
  }

  #happens(moment: number): void {
    this.lastMs = Math.max(this.lastMs, moment);
  }

  #vanish(moment: number): void {
    const gone = this.#inOrder()
      .filter((coin) => coin.expiresMs <= moment)
      .toSorted((a, b) => a.expiresMs - b.expiresMs);
    for (const coin of gone.slice(0, Math.max(0, gone.length - this.held))) {
      this.coins.splice(this.coins.indexOf(coin), 1);
      this.#happens(moment);
    }
  }
}
