/**
 * The launcher behind every root script: `node tooling/run.mjs <task> [arguments]`.
 *
 * Plain JavaScript for Node >= 20 and nothing else: it runs before anything is installed. It makes sure of the right
 * Node and pnpm, of the installed packages, and then does the task. Why it exists: docs/decisions/0001-launcher.md.
 */
import { check } from './checks/check.mjs';
import { Stop, run } from './launcher/child.mjs';
import { develop } from './launcher/dev.mjs';
import { ensureInstalled } from './launcher/install.mjs';
import { buildServer, serve } from './launcher/server.mjs';
import { ensureToolchain, rememberToolchain } from './launcher/toolchain.mjs';
import { turbo } from './launcher/turbo.mjs';

const tasks = {
  start: serve,
  dev: develop,
  build: (tools, args) => turbo(tools, ['build', ...args]),
  test,
  check,
  bench,
  tour: onBuiltServer('tooling/tour/main.ts'),
  ledger: onBuiltServer('tooling/ledger/verify.ts'),
  keys: onBuiltServer('apps/api/dist/keys.js'),
};

/** A program that starts the server itself, or is a part of it, as it is built. */
function onBuiltServer(program) {
  return async (tools, args) => {
    await buildServer(tools);
    await run(tools, tools.node, [program, ...args]);
  };
}

const benches = {
  ledger: 'bench-ledger/main.ts',
  verifier: 'bench-verifier/main.ts',
  refresh: 'bench/refresh.ts',
};

/** `bench`, or one of the `benches` by its name, each with its own options. */
function bench(tools, [name, ...rest]) {
  const program = Object.hasOwn(benches, name ?? '') ? benches[name] : undefined;
  const args = program === undefined && name !== undefined ? [name, ...rest] : rest;
  return onBuiltServer(`tooling/${program ?? 'bench/main.ts'}`)(tools, args);
}

/** One suite at a time: they measure time and start databases. A file filter matches in some packages only. */
function test(tools, args) {
  const isFiltered = args.some((argument) => !argument.startsWith('-'));
  const task = ['test', '--concurrency=1', '--continue=dependencies-successful', '--log-prefix=none'];
  return turbo(tools, task, isFiltered ? [...args, '--passWithNoTests'] : args);
}

async function main([name, ...rest]) {
  const task = Object.hasOwn(tasks, name ?? '') ? tasks[name] : undefined;
  if (!task) throw new Stop(`Unknown task ${JSON.stringify(name ?? '')}. Tasks: ${Object.keys(tasks).join(', ')}.`);
  // pnpm hands over the "--" that npm swallows.
  const args = rest[0] === '--' ? rest.slice(1) : rest;
  const tools = await ensureToolchain();
  await ensureInstalled(tools);
  rememberToolchain(tools);
  await task(tools, args);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  if (error.message) console.error(error.message);
  process.exitCode = error.exitCode;
}
