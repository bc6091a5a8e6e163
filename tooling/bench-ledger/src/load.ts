/** What callers who each wait for their answer before they ask again get done. */
export interface Rate {
  readonly callers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Runs `work` from as many callers as told, for as long as told after a quarter of that to warm up. */
export async function measure(
  callers: number,
  seconds: number,
  work: (caller: number, turn: number) => Promise<unknown>,
): Promise<Rate> {
  const from = performance.now() + seconds * 250;
  const until = from + seconds * 1000;
  const latenciesMs: number[] = [];
  const call = async (caller: number): Promise<void> => {
    for (let turn = 0; ; turn++) {
      const startedMs = performance.now();
      if (startedMs > until) return;
      await work(caller, turn);
      const endedMs = performance.now();
      if (startedMs >= from && endedMs <= until) latenciesMs.push(endedMs - startedMs);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  latenciesMs.sort((one, other) => one - other);
  return {
    callers,
    perSecond: latenciesMs.length / seconds,
    p50Ms: latenciesMs[Math.floor(latenciesMs.length * 0.5)] ?? Number.NaN,
    p99Ms: latenciesMs[Math.floor(latenciesMs.length * 0.99)] ?? Number.NaN,
  };
}

/** Positions from 0 to `count` - 1, the first ones most often: Zipf's law with exponent 1. */
export function zipf(count: number): () => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) sums[rank] = sum += 1 / (rank + 1);
  return () => {
    const wanted = Math.random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
