import { expect, test } from 'vitest';

import { keptOf } from './feed.ts';

test('of more than verifiers can hold, single tokens are left out before sessions, and what expires first before the rest', () => {
  const sessions = Array.from({ length: 10 }, (_, at) => ({ kind: 'sid' as const, untilMs: at }));
  const tokens = Array.from({ length: 50_000 }, (_, at) => ({ kind: 'jti' as const, untilMs: 1_000 + at }));
  const kept = keptOf([...sessions, ...tokens]);
  expect(kept).toHaveLength(50_000);
  expect(kept.filter(({ kind }) => kind === 'sid')).toHaveLength(10);
  expect(Math.min(...kept.filter(({ kind }) => kind === 'jti').map(({ untilMs }) => untilMs))).toBe(1_010);
  const few = tokens.slice(0, 3);
  expect(keptOf(few)).toEqual(few);
});
