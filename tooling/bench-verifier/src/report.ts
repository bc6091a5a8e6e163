import { cpus } from 'node:os';
import { bare, ours } from './candidates.ts';
import type { Mishap } from './network.ts';
import type { Times } from './windows.ts';

export interface Results {
  readonly rs256: Times;
  readonly es256: Times;
  readonly cached: Times;
  readonly p99: Times;
  readonly mishaps: readonly Mishap[];
}

/** The results as Markdown tables: the same on a terminal and in the documentation. */
export function report({ rs256, es256, cached, p99, mishaps }: Results): string {
  const names = [...rs256.keys()];
  const speed = names.map((name) => [
    name,
    timed(rs256, name, 1),
    timed(es256, name, 1),
    cached.has(name) ? timed(cached, name, 2) : '',
    (p99.get(name) ?? NaN).toFixed(2),
  ]);
  const trouble = mishaps.map((mishap) => [
    mishap.name,
    `${mishap.refusedInOutage} of 60`,
    String(mishap.fetchesInOutage),
    String(mishap.fetchesForUnknownKeys),
    mishap.acceptsWithdrawnKey ? 'accepted' : 'refused',
  ]);
  return [
    `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, Node.js ${process.versions.node}`,
    table(['', 'RS256 (µs)', 'ES256 (µs)', 'remembered (µs)', 'p99 beside 8 argon2 (ms)'], speed),
    table(
      [
        '',
        'valid tokens refused in an hour of outage',
        'requests in that hour',
        'requests for 1,000 unknown kids',
        'token of a withdrawn key, an hour later',
      ],
      trouble,
    ),
  ].join('\n\n');
}

/** The time, and in brackets how many times that of ours. */
function timed(times: Times, name: string, digits: number): string {
  const time = times.get(name) ?? NaN;
  const ratio = time / (times.get(ours) ?? NaN);
  return name === ours ? `**${time.toFixed(digits)}**` : `${time.toFixed(digits)} (${ratio.toFixed(2)}x)`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What the numbers are held to; each is a sentence when it is missed. */
export function missed({ rs256, es256, cached, p99, mishaps }: Results): readonly string[] {
  const own = mishaps.find(({ name }) => name === ours);
  const peers = [...rs256.keys()].filter((name) => name !== ours && name !== bare);
  const isFastest = (times: Times) => peers.every((name) => Number(times.get(ours)) < (times.get(name) ?? Infinity));
  const checks: readonly (readonly [boolean, string])[] = [
    [Number(rs256.get(ours)) <= 1.25 * Number(rs256.get(bare)), 'RS256 costs more than 1.25 times the bare signature'],
    [isFastest(rs256), 'a peer verifies RS256 faster'],
    [isFastest(es256), 'a peer verifies ES256 faster'],
    [Number(cached.get(ours)) <= 1, 'a remembered token costs more than 1 µs'],
    [isFastest(cached), 'a peer answers remembered tokens faster'],
    [Number(p99.get(ours)) < 5, 'p99 beside password hashes is 5 ms or more'],
    [own?.refusedInOutage === 0, 'valid tokens are refused in an outage'],
    [Number(own?.fetchesForUnknownKeys) <= 1, 'unknown kids cause more than one request'],
    [own?.acceptsWithdrawnKey === false, 'a withdrawn key is still accepted'],
  ];
  return checks.filter(([holds]) => !holds).map(([, sentence]) => sentence);
}
