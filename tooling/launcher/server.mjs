import { Stop, outcome, start } from './child.mjs';
import { turboQuietly } from './turbo.mjs';

const entry = 'apps/api/dist/main.js';
const followLauncher = new URL('./follow-launcher.mjs', import.meta.url).href;

/** Builds what changed and runs the server in the repository root until it ends, with its exit code as ours. */
export async function serve(tools, args) {
  await buildServer(tools);
  endWithNpm();
  const { exitCode } = await outcome(startServer(tools, args));
  if (exitCode !== 0) throw new Stop('', exitCode);
}

export function buildServer(tools) {
  return turboQuietly(tools, ['build', '--filter=@org/api...'], { announce: 'Building the server' });
}

/** The environment is the caller's, untouched: the server sees the PATH and the variables it would see without us. */
export function startServer(tools, args) {
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  return start(tools.node, ['--import', followLauncher, entry, ...args], { env: process.env, stdio });
}

/** npm that is killed outright tells nobody: its orphan sees another parent and ends as if asked to. */
function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}
