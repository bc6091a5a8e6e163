import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

/** Runs a block of a guide as its reader would: a file of its own that imports the package by name. */
async function runBlock(code: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'guide-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules/@org'), { recursive: true });
  symlinkSync(resolve(root, 'packages/core'), join(folder, 'node_modules/@org/core'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'script.ts'), code);
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@org/source', 'script.ts'], {
    cwd: folder,
  });
  return stdout;
}

const blocks = [...readFileSync(join(root, 'docs/guides/scripts.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code]) => code ?? '',
);

test('the first script of the guide buys once, spends, refunds and is refused, as it says', async () => {
  const printed = await runBlock(blocks[0] ?? '');
  expect(printed).toMatch(/balance: 80,\s+held: 0,\s+available: 80/);
  expect(printed).toMatch(/available: 80,\s+required: 1000/);
  expect(printed.match(/Z (purchase|spend|refund) /g)).toHaveLength(3);
});

test('the second script of the guide makes an admin', async () => {
  expect(await runBlock(blocks[1] ?? '')).toContain('2 admins');
});
