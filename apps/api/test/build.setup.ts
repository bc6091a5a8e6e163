import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The tests that run the server as a process run what was built, and decorators have to be built. Types are checked elsewhere. */
export default function build(): void {
  const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck'], {
    cwd,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the server does not build:\n${stdout}`);
}
