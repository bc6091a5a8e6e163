import { randomFillSync } from 'node:crypto';

import type { Clock } from './clock.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether the text is a UUID in canonical lower-case form. */
export function isId(text: string): boolean {
  return UUID.test(text);
}

/**
 * Makes a source of UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then a 12-bit counter, then 62 random bits.
 * Ids from one source sort in the order they were made, also within a millisecond and when the clock steps back.
 */
export function idSource(clock: Clock): () => string {
  const random = randomSource();
  let lastMs = 0;
  let counter = 0;
  return () => {
    const nowMs = clock().getTime();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      counter = 0;
    } else if (++counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
    return formatUuidV7(lastMs, counter, random());
  };
}

/** 8 random bytes at a time from a pool: asking the system for each id takes as long as ten ids. No byte is used twice. */
function randomSource(): () => Buffer {
  const pool = Buffer.alloc(4096);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += 8;
    return pool.subarray(used - 8, used);
  };
}

let timeMs = Number.NaN;
let timeText = '';

function formatUuidV7(ms: number, counter: number, random: Buffer): string {
  if (ms !== timeMs) {
    const time = ms.toString(16).padStart(12, '0');
    timeText = `${time.slice(0, 8)}-${time.slice(8)}`;
    timeMs = ms;
  }
  const sequence = (0x7000 | counter).toString(16);
  random[0] = 0x80 | ((random[0] as number) & 0x3f);
  const rest = random.toString('hex');
  return `${timeText}-${sequence}-${rest.slice(0, 4)}-${rest.slice(4)}`;
}
