import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stop, capture, outcome, root, start } from './child.mjs';
import { workspaces } from './workspaces.mjs';

const frozen = ['install', '--frozen-lockfile'];
const stamp = join(root, 'node_modules', '.installed');

/**
 * Installs exactly what the lockfile says, unless that has been done: then it costs a few milliseconds and says nothing
 * (pnpm itself needs most of a second to find out). Throws `Stop` if the installation fails.
 */
export async function ensureInstalled(tools) {
  const directories = ['.', ...workspaces().map(({ directory }) => directory)];
  const wanted = fingerprint(directories);
  if (isInstalled(wanted, directories)) return;
  await install(tools);
  writeFileSync(stamp, wanted);
}

function isInstalled(wanted, directories) {
  const isComplete = directories.every((directory) => existsSync(join(root, directory, 'node_modules')));
  return isComplete && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

/**
 * Without a registry only what pnpm has stored can be installed. pnpm is told, because it would find out by retrying for
 * ten minutes; and with fewer retries it would leave out optional packages, such as compilers, and call that a success.
 */
async function install(tools) {
  console.error('Installing packages');
  return (await registryAnswers(tools)) ? installFromRegistry(tools) : installFromStore(tools);
}

/** Its progress goes to stderr: stdout belongs to the task. */
async function installFromRegistry(tools) {
  const { exitCode } = await outcome(start(tools.pnpm, frozen, { env: unasked(tools), stdio: ['ignore', 2, 2] }));
  if (exitCode === 0) return;
  throw new Stop(
    'Packages could not be installed (reason above). After a change in package.json run `pnpm install` once, so that the lockfile follows.',
  );
}

async function installFromStore(tools) {
  const { exitCode, stdout, stderr } = await capture(tools.pnpm, [...frozen, '--offline'], { env: unasked(tools) });
  const isWhole = !`${stdout}${stderr}`.includes('Excluding it from installation');
  if (exitCode === 0 && isWhole) return;
  throw new Stop(
    'Packages could not be installed: the package registry does not answer. Connect to the network and try again.',
  );
}

/** CI=true answers pnpm's questions. */
function unasked(tools) {
  return { ...tools.env, CI: 'true' };
}

/** A mirror may answer the ping with 404: that is an answer. */
async function registryAnswers(tools) {
  const options = { env: { ...tools.env, pnpm_config_fetch_retries: '0' }, timeout: 10_000 };
  const { exitCode, stdout, stderr } = await capture(tools.pnpm, ['ping'], options);
  return exitCode === 0 || /Failed to reach registry: \d{3}/.test(stdout + stderr);
}

/** Everything that decides what an installation holds. */
function fingerprint(directories) {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...directories.map((name) => join(name, 'package.json'))];
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} `);
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}
