import fc from 'fast-check';
import { expect, test } from 'vitest';

import { Overloaded } from '../../kernel/limiter.ts';
import { createLanes } from './lanes.ts';

interface Numbered {
  key: string;
  number: number;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Batches that stay in flight until they are let go. */
function heldBatches() {
  const started: { batch: readonly Numbered[]; end: () => void }[] = [];
  const run = (batch: readonly Numbered[]): Promise<void> => new Promise((end) => started.push({ batch, end }));
  return { started, run };
}

const jobs = (count: number, key = 'a'): Numbered[] => Array.from({ length: count }, (_, number) => ({ key, number }));

test('whatever the timing, each job is carried out once, in the order of its key, with no more of a lane in flight than told', async () => {
  const actions = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), pause: fc.boolean() }), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      actions,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(1, 2),
      async (s, asked, count, batchMax, inFlightMax) => {
        const sent: Numbered[] = [];
        const done: Numbered[] = [];
        const unsent = new Set<number>();
        const inFlight = Array.from({ length: count }, () => 0);
        const lanes = createLanes<Numbered>({
          count,
          batchMax,
          queuedMax: 1_000,
          inFlightMax,
          run: async (batch, { lane, onSent }) => {
            expect(batch.length).toBeLessThanOrEqual(batchMax);
            expect((inFlight[lane] = (inFlight[lane] ?? 0) + 1)).toBeLessThanOrEqual(inFlightMax);
            expect(unsent).not.toContain(lane);
            unsent.add(lane);
            await s.schedule(Promise.resolve(), 'send');
            sent.push(...batch);
            unsent.delete(lane);
            onSent();
            await s.schedule(Promise.resolve(), 'commit');
            inFlight[lane] = (inFlight[lane] ?? 0) - 1;
            done.push(...batch);
          },
        });
        const pushing = (async () => {
          for (const [number, { key, pause }] of asked.entries()) {
            lanes.push(key, { key, number });
            if (pause) await s.schedule(Promise.resolve(), 'pause');
          }
        })();
        await s.waitFor(pushing.then(() => lanes.drain()));
        expect(done).toHaveLength(asked.length);
        for (const key of ['a', 'b', 'c', 'd', 'e']) {
          const numbers = sent.filter((job) => job.key === key).map(({ number }) => number);
          expect(numbers).toEqual(asked.flatMap((job, number) => (job.key === key ? [number] : [])));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('what arrives while a batch is in flight is the next batch', async () => {
  const { started, run } = heldBatches();
  const lanes = createLanes<Numbered>({ count: 1, batchMax: 100, queuedMax: 100, inFlightMax: 1, run });
  const [first, ...others] = jobs(6);
  lanes.push('a', first as Numbered);
  await turn();
  for (const job of others) lanes.push('a', job);
  await turn();
  expect(started.map(({ batch }) => batch.length)).toEqual([1]);
  started[0]?.end();
  await turn();
  await turn();
  expect(started.map(({ batch }) => batch.length)).toEqual([1, 5]);
});

test('callers who are answered together and ask again at once are in one batch again', async () => {
  const sizes: number[] = [];
  const answers = new Map<Numbered, () => void>();
  const lanes = createLanes<Numbered>({
    count: 1,
    batchMax: 100,
    queuedMax: 100,
    inFlightMax: 1,
    run: async (batch) => {
      sizes.push(batch.length);
      for (const job of batch) answers.get(job)?.();
    },
  });
  const ask = (job: Numbered): Promise<void> =>
    new Promise((resolve) => {
      answers.set(job, resolve);
      lanes.push(job.key, job);
    });
  await Promise.all(
    jobs(20).map(async (job) => {
      for (let time = 0; time < 3; time++) await ask({ ...job });
    }),
  );
  expect(sizes).toEqual([20, 20, 20]);
});

test('of many that wait, half are sent at once and the others right behind them', async () => {
  const sizes: number[] = [];
  const ends: (() => void)[] = [];
  const lanes = createLanes<Numbered>({
    count: 1,
    batchMax: 100,
    queuedMax: 100,
    inFlightMax: 2,
    run: (batch, { onSent }) => {
      sizes.push(batch.length);
      onSent();
      return new Promise((end) => ends.push(end));
    },
  });
  for (const job of jobs(80)) lanes.push('a', job);
  await turn();
  await turn();
  lanes.push('a', { key: 'a', number: 80 });
  await turn();
  expect(sizes).toEqual([40, 40]);
  ends[0]?.();
  await turn();
  await turn();
  expect(sizes).toEqual([40, 40, 1]);
});

test('a full queue takes nothing more until there is room', async () => {
  const { started, run } = heldBatches();
  const lanes = createLanes<Numbered>({ count: 2, batchMax: 2, queuedMax: 3, inFlightMax: 1, run });
  for (const job of jobs(3)) lanes.push('a', job);
  expect(() => lanes.push('b', { key: 'b', number: 9 })).toThrow(Overloaded);
  await turn();
  expect(started).toHaveLength(1);
  lanes.push('b', { key: 'b', number: 9 });
});

test('draining waits for what is queued behind what is in flight', async () => {
  const { started, run } = heldBatches();
  const lanes = createLanes<Numbered>({ count: 1, batchMax: 1, queuedMax: 10, inFlightMax: 1, run });
  for (const job of jobs(2)) lanes.push('a', job);
  let isDrained = false;
  const drained = lanes.drain().then(() => (isDrained = true));
  await turn();
  started[0]?.end();
  await turn();
  await turn();
  expect({ isDrained, started: started.length }).toEqual({ isDrained: false, started: 2 });
  started[1]?.end();
  await drained;
});
