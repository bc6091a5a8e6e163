import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openCore } from '@org/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = new URL('../verify.ts', import.meta.url).pathname;

describe('ledger verify', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    file = join(folder, 'users.sqlite');
    await using core = await openCore({ databaseUrl: `sqlite:${file}` });
    const { id: userId } = await core.users.create({ email: 'ada@example.org' });
    await core.credits.purchase({ userId, amount: 100 });
    const { id: holdId } = await core.credits.hold({ userId, amount: 60 });
    await core.credits.capture({ holdId, amount: 10 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(...args: string[]): { code: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=@org/source', program, ...args], {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: `sqlite:${file}` },
      encoding: 'utf8',
    });
    return { code: status, said: stdout + stderr };
  }

  /** What somebody can do who owns the file. */
  function tamper(sql: string): void {
    using database = new DatabaseSync(file);
    const triggers = database.prepare(`select name, sql from sqlite_master where type = 'trigger'`).all();
    for (const { name } of triggers) database.exec(`drop trigger ${String(name)}`);
    database.exec(sql);
    for (const trigger of triggers) database.exec(String(trigger['sql']));
  }

  it('an honest ledger is 0, and the second run looks at nothing twice', () => {
    expect(run()).toEqual({ code: 0, said: 'The ledger is as it was posted (1 account, 3 entries).\n' });
    expect(run().said).toContain('(0 accounts, 0 entries)');
    expect(run('--whole').said).toContain('(1 account, 3 entries)');
  });

  it('an entry that was changed is 1, is named, and is never repaired', () => {
    tamper('update credit_entry set amount = 200 where seq = 1');
    for (const args of [[], ['--repair-projections']]) {
      const { code, said } = run(...args);
      expect(code).toBe(1);
      expect(said).toMatch(/entry\.hash account=\S+ seq=1/);
      expect(said).not.toContain('anew');
    }
  });

  it('a projection that is wrong is 1, and is repaired on request', () => {
    tamper('update credit_hold set captured = 0');
    expect(run('--whole')).toMatchObject({ code: 1, said: expect.stringContaining('projection.hold') as string });
    const { code, said } = run('--repair-projections');
    expect([code, said]).toEqual([0, expect.stringContaining('The projections of 1 account were written anew')]);
    expect(run('--whole').code).toBe(0);
  });

  it('a database that is not there, and an option that is none, are 2 and make nothing', () => {
    expect(run('--all').code).toBe(2);
    file = join(folder, 'missing.sqlite');
    const { code, said } = run();
    expect([code, said]).toEqual([2, expect.stringContaining('Set DATABASE_URL')]);
  });
});
