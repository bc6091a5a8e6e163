import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('a process that failed still says so after it has used a test database', () => {
  const script = `
    import { startTestPostgres } from '@org/test-postgres';
    const postgres = await startTestPostgres();
    await postgres.createDatabase('used');
    await postgres.close();
    process.exitCode = 3;
  `;
  const options = { cwd: new URL('..', import.meta.url), timeout: 25_000 };
  const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], options);
  expect(status).toBe(3);
}, 30_000);
