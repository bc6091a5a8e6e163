import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Stop, capture, root } from './child.mjs';

const nodePackage = 'node@24';
/** `pnpm@<version>`: package.json is the one place that says which. */
const pnpmPackage = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
const record = join(root, 'node_modules', '.toolchain.json');

/**
 * Finds a Node that runs this project and the pnpm that package.json names; what the machine lacks comes from npm,
 * once. Returns the Node to run and the environment in which both are first on PATH. Throws `Stop` if neither is here
 * and the registry cannot be reached.
 */
export async function ensureToolchain() {
  const node = isNodeUsable(process.versions.node) ? process.execPath : undefined;
  const pnpm = await installedPnpm();
  if (node && pnpm) return toolchain(node, pnpm);
  return remembered(node, pnpm) ?? (await fetched(node, pnpm));
}

/** Keeps where the fetched tools are, so that the next start need not ask npx, which costs a second or two. */
export function rememberToolchain({ node, pnpm }) {
  const text = JSON.stringify({ pnpmPackage, node, pnpm });
  if (existsSync(record) && readFileSync(record, 'utf8') === text) return;
  mkdirSync(dirname(record), { recursive: true });
  writeFileSync(record, text);
}

/** 22.18 is the first Node that runs TypeScript files without a flag; 23 ended; argon2 0.45 crashes on 20. */
function isNodeUsable(version) {
  const [major, minor] = version.split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 18);
}

async function installedPnpm() {
  const pnpm = onPath('pnpm', process.env.PATH);
  if (!pnpm) return undefined;
  const version = packagedVersion(pnpm) ?? (await spokenVersion(pnpm));
  return `pnpm@${version}` === pnpmPackage ? pnpm : undefined;
}

/** A pnpm that npm installed lies in its package: reading the version there is 500 ms faster than asking for it. */
function packagedVersion(pnpm) {
  const manifest = join(dirname(realpathSync(pnpm)), '..', 'package.json');
  if (!existsSync(manifest)) return undefined;
  const { name, version } = JSON.parse(readFileSync(manifest, 'utf8'));
  return name === 'pnpm' ? version : undefined;
}

/** Asked outside the project, where neither pnpm nor Corepack downloads the version that package.json names. */
async function spokenVersion(pnpm) {
  const env = { ...process.env, COREPACK_ENABLE_NETWORK: '0' };
  const { stdout } = await capture(pnpm, ['--version'], { cwd: tmpdir(), env });
  return stdout.trim();
}

function remembered(node, pnpm) {
  if (!existsSync(record)) return undefined;
  const known = JSON.parse(readFileSync(record, 'utf8'));
  const tools = { node: node ?? known.node, pnpm: pnpm ?? known.pnpm };
  const isThere = known.pnpmPackage === pnpmPackage && existsSync(tools.node) && existsSync(tools.pnpm);
  return isThere ? toolchain(tools.node, tools.pnpm) : undefined;
}

async function fetched(node, pnpm) {
  const missing = [...(node ? [] : [nodePackage]), ...(pnpm ? [] : [pnpmPackage])];
  console.error(`Getting ${missing.join(' and ')} from npm (once)`);
  const { exitCode, stdout, stderr } = await capture('npx', [
    '--yes',
    ...missing.map((name) => `--package=${name}`),
    // The node package links its binary in an install script.
    '--ignore-scripts=false',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=2000',
    '--loglevel=error',
    '--call=node -p process.env.PATH',
  ]);
  const tools = { node: node ?? onPath('node', stdout), pnpm: pnpm ?? onPath('pnpm', stdout) };
  if (exitCode !== 0 || !tools.node || !tools.pnpm) throw new Stop(unavailable(missing, stderr));
  return toolchain(tools.node, tools.pnpm);
}

function unavailable(missing, stderr) {
  const reason = /^npm error (?!code|errno|syscall)(.+)$/m.exec(stderr)?.[1] ?? 'npx failed';
  return (
    `Cannot get ${missing.join(' and ')} from npm (${reason}). ` +
    `Connect to the network, or install Node >= 22.18 and ${pnpmPackage}.`
  );
}

/** Only what is not first on PATH already goes ahead of it: a directory that holds one right tool may hold a wrong other. */
function toolchain(node, pnpm) {
  const ahead = Object.entries({ node, pnpm }).filter(([name, file]) => onPath(name, process.env.PATH) !== file);
  const path = [...ahead.map(([, file]) => dirname(file)), process.env.PATH].join(delimiter);
  return { node, pnpm, env: { ...process.env, PATH: path, npm_config_update_notifier: 'false' } };
}

function onPath(name, path) {
  const files = path
    .trim()
    .split(delimiter)
    .map((directory) => join(directory, name));
  return files.find((file) => existsSync(file));
}
