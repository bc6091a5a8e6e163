/**
 * Generated files that are committed (so that a change of the contract is visible in review) must be what their
 * generators make today. Fails when regenerating changes one, or when git does not hold the result yet.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../launcher/child.mjs';

const generated = ['apps/api/openapi.json', 'docs/errors.md', 'docs/guides/configuration.md', '.env.example'];
const generators = [
  ['--filter', '@org/api', 'run', 'generate'],
  ['--recursive', '--if-present', 'run', 'generate:docs'],
];

const read = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined);
const run = (command, args) => spawnSync(command, args, { cwd: root, encoding: 'utf8' });

const before = generated.map(read);
for (const args of generators) {
  const { status, stdout, stderr } = run('pnpm', args);
  if (status !== 0) fail(`pnpm ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

const missing = generated.filter((file) => read(file) === undefined);
const changed = generated.filter((file, index) => read(file) !== before[index]);
// Column two of a porcelain line is the working tree against the index: what `git add` has not seen.
const unseen = existsSync(join(root, '.git'))
  ? run('git', ['status', '--porcelain', '--', ...generated])
      .stdout.split('\n')
      .filter((line) => /^.[^ ]/.test(line))
  : [];

if (missing.length > 0) fail(`No generator made ${missing.join(', ')}.`);
if (changed.length > 0 || unseen.length > 0) {
  fail(`Out of date, now regenerated; review and commit: ${[...changed, ...unseen].join(', ')}`);
}
console.log(`Up to date: ${generated.join(', ')}`);

function fail(message) {
  console.error(message);
  process.exit(1);
}
