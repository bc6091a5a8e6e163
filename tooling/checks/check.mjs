import { Stop, outcome, root, start } from '../launcher/child.mjs';
import { join } from 'node:path';

const bin = (name) => join(root, 'node_modules', '.bin', name);

/** What `npm run check` holds the repository to, cheapest first. All of it runs, so that one round shows every fault. */
const steps = [
  ['lint', () => [bin('oxlint'), ['--deny-warnings']]],
  ['boundaries', ({ node }) => [node, ['tooling/checks/boundaries.mjs']]],
  ['format', () => [bin('oxfmt'), ['--check']]],
  ['generated files', ({ node }) => [node, ['tooling/checks/generated.mjs']]],
  ['types', ({ node }) => [node, ['node_modules/turbo/bin/turbo', 'run', 'types', '--output-logs=new-only']]],
  ['unused code', () => [bin('knip'), []]],
  ['migrations', ({ pnpm }) => [pnpm, ['--filter', '@org/core', 'run', 'migrations:check']]],
];

/** Runs every check, or only those named. Throws `Stop` naming those that failed. */
export async function check(tools, names) {
  const failed = [];
  for (const [name, command] of chosen(names)) {
    console.log(`\n== check: ${name}`);
    const { exitCode } = await outcome(start(...command(tools), { env: tools.env }));
    if (exitCode !== 0) failed.push(name);
  }
  console.log();
  if (failed.length > 0) throw new Stop(`Failed checks: ${failed.join(', ')}`);
}

function chosen(names) {
  const known = steps.map(([name]) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) throw new Stop(`Unknown check ${JSON.stringify(unknown)}. Checks: ${known.join(', ')}.`);
  return names.length > 0 ? steps.filter(([name]) => names.includes(name)) : steps;
}
