import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

import { describeOnEachDatabase } from '../../../test/databases.ts';
import { openTestLedger } from '../../../test/ledger-fixture.ts';
import { carriedOut, type Load, type Told } from '../../../test/ledger-load.ts';
import { readBalance } from '../index.ts';

const LONG = process.env['LEDGER_LONG'] === '1';
const CLIENTS = 64;
const REQUESTS = LONG ? 100 : 4;
const client = resolve(import.meta.dirname, '../../../test/ledger-client.ts');

async function loadFromAnotherProcess(url: string, load: Load): Promise<Told> {
  const args = ['--conditions=@org/source', client, url, JSON.stringify(load)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Told;
}

describeOnEachDatabase('two processes', ({ url }) => {
  test(
    'of 64 clients each, on one account and with requests asked twice, carry out every key once',
    { timeout: LONG ? 600_000 : 60_000 },
    async () => {
      const target = await url();
      const ledger = await openTestLedger(target);
      onTestFinished(() => ledger.close());
      const userId = await ledger.addUser();
      // Half of each process's clients use the same keys as those of the other.
      const told = await Promise.all(
        ['one', 'two'].map((prefix) =>
          loadFromAnotherProcess(target, { userId, prefix, clients: CLIENTS, requests: REQUESTS }),
        ),
      );
      expect(told.flatMap(({ unacknowledged }) => unacknowledged)).toEqual([]);
      const keys = new Set(told.flatMap(({ acknowledged }) => acknowledged));
      expect(keys.size).toBe(1.5 * CLIENTS * REQUESTS);
      expect(await carriedOut(ledger)).toEqual(new Map([...keys].map((key) => [key, 1])));
      expect(await readBalance(ledger, { userId })).toMatchObject({ balance: keys.size });
    },
  );
});
