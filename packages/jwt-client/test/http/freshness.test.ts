import { expect, test } from 'vitest';
import { freshSeconds } from '../../src/http/freshness.ts';

test.each([
  [{}, 300],
  [{ 'cache-control': 'public, max-age=900' }, 900],
  [{ 'cache-control': 'MAX-AGE="120"' }, 120],
  [{ 'cache-control': 'max-age=0' }, 60],
  [{ 'cache-control': 'max-age=59' }, 60],
  [{ 'cache-control': 'max-age=3601' }, 3600],
  [{ 'cache-control': 'max-age=999999999' }, 3600],
  [{ 'cache-control': 'no-store' }, 60],
  [{ 'cache-control': 'no-cache, max-age=900' }, 60],
  [{ 'cache-control': 's-maxage=900' }, 300],
  [{ 'cache-control': 'max-age=-1' }, 300],
  [{ 'cache-control': 'max-age=900', age: '300' }, 600],
  [{ 'cache-control': 'max-age=900', age: '900' }, 60],
  [{ 'cache-control': 'max-age=900', age: 'x' }, 900],
])('%j: %d s', (headers, seconds) => {
  expect(freshSeconds(new Headers(headers), { min: 60, max: 3600, usual: 300 })).toBe(seconds);
});
