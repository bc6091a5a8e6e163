import { join } from 'node:path';
import { Stop, capture, root, run } from './child.mjs';

const entry = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
const settings = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
  // Turborepo asks its tasks for colour also when the output goes into a file.
  ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
};

/** Runs `turbo run <args>`; cached work is named, not repeated. `passedOn` goes to the scripts themselves. */
export function turbo(tools, args, passedOn = []) {
  return run(tools, tools.node, commandLine(args, passedOn), { env: { ...tools.env, ...settings } });
}

/** The same in silence: one line if there is real work to wait for, everything it said if it fails. */
export async function turboQuietly(tools, args, { announce }) {
  const announcement = setTimeout(() => console.error(announce), 1500);
  const options = { env: { ...tools.env, ...settings } };
  const { exitCode, stdout, stderr } = await capture(tools.node, commandLine(args, []), options);
  clearTimeout(announcement);
  if (exitCode !== 0) throw new Stop(`${stdout}${stderr}`.trimEnd(), exitCode);
}

function commandLine(args, passedOn) {
  const ending = passedOn.length > 0 ? ['--', ...passedOn] : [];
  return [entry, 'run', ...args, '--output-logs=new-only', ...ending];
}
