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

/** The TypeScript blocks of a guide, in order. */
function blocksOf(guide: string): string[] {
  const text = readFileSync(join(root, 'docs/guides', guide), 'utf8');
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? '');
}

const blocks = blocksOf('scripts.md');

test('the first script of the guide buys once, spends, refunds and is refused, as it says', async () => {
  const printed = await runBlock(blocks[0] ?? '');
  expect(printed).toMatch(/balance: 80,\s+held: 0,\s+available: 80/);
  expect(printed).toMatch(/available: 80,\s+required: 1000/);
  expect(printed.match(/Z (purchase|spend|refund) /g)).toHaveLength(3);
});

test('the second script of the guide makes an admin', async () => {
  expect(await runBlock(blocks[1] ?? '')).toContain('2 admins');
});

const printed: [title: string, lines: RegExp][] = [
  [
    'grants are spent first and refunded to where they came from',
    /balance: 90, available: 90, expiresNext: null[^]*\n5 expire next/,
  ],
  ['a hold is captured in parts and closed', /captured: 30, released: 30, status: 'closed'[^]*credits\.hold_closed/],
  ['a transfer, a batch and limits', /^70 true\n20\ncredits\.insufficient\n130 available\n$/],
  ['a statement adds up', /^opening 0\npurchase 100 100\nspend -30 70\nclosing 70\nbefore 0\n$/],
  ['a receipt and a verification', /^3 parts\n[^]*1 checked\n[^]*true true\n$/],
  ['events are delivered', /^credit_account 1 100\ncredit_account 2 -30\ntrue 0\n$/],
];
const creditBlocks = blocksOf('credits.md');
test.for(printed)('the guide to credits shows how %s', async ([title, lines]) => {
  const code = creditBlocks[printed.findIndex(([known]) => known === title)];
  expect(await runBlock(code ?? '')).toMatch(lines);
});

test('every block of the guide to credits is run', () => {
  expect(creditBlocks).toHaveLength(printed.length);
});
