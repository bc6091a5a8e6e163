import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Ends the launcher with an exit code, and one line for the reader unless the failed command has already spoken. */
export class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a command in the repository root with the toolchain first on PATH. Throws `Stop` with its exit code if it fails. */
export async function run(tools, command, args, options = {}) {
  const { exitCode } = await outcome(start(command, args, { env: tools.env, ...options }));
  if (exitCode !== 0) throw new Stop('', exitCode);
}

/** Runs a command and collects what it says. Never throws for an exit code: the caller decides. */
export async function capture(command, args, options = {}) {
  const child = start(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
  return { ...(await outcome(child)), ...said };
}

/** Starts a command in the repository root; the signals that ask the launcher to end are handed on to it. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
  handOnSignals(child);
  return child;
}

/** Waits for the end of a command. A death by signal counts as 128 + its number, as in a shell. */
export function outcome(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ exitCode: 127, error }));
    child.once('close', (code, signal) => resolve({ exitCode: code ?? 128 + constants.signals[signal] }));
  });
}

function handOnSignals(child) {
  const handOn = (signal) => {
    // Ctrl-C in a terminal reaches the whole process group; a second copy would read as "stop at once".
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    child.kill(signal);
  };
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'];
  for (const signal of signals) process.on(signal, handOn);
  child.once('close', () => signals.forEach((signal) => process.off(signal, handOn)));
}
