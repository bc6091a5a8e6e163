import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { Stop, root } from './child.mjs';
import { buildServer, startServer } from './server.mjs';

const sources = ['apps/api/src', 'packages/core/src', 'packages/jwt-client/src'];
/** Editors save in several writes, and one change often touches several files. */
const quietMs = 150;

/**
 * Runs the server and replaces it after each change that builds, until it is asked to end. Decorators are not erasable,
 * so Node cannot run apps/api from source: what runs is the incremental build.
 */
export async function develop(tools, args) {
  let server;
  let watchers = [];
  let replacing = Promise.resolve();
  const replace = async () => {
    await stop(server);
    server = await rebuilt(tools, args);
  };
  const enqueue = () => {
    close(watchers);
    // Anew each time: Node 20 loses sight of a file that an editor has replaced by another of its name.
    watchers = watchSources(enqueue);
    replacing = replacing.then(replace);
  };
  enqueue();
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  close(watchers);
  await replacing;
  await stop(server);
}

async function rebuilt(tools, args) {
  try {
    await buildServer(tools);
    return startServer(tools, args);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(`${error.message}\nThe build failed: waiting for a change`);
    return undefined;
  }
}

async function stop(server) {
  if (!server || server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGTERM');
  await once(server, 'close');
}

function close(watchers) {
  for (const watcher of watchers) watcher.close();
}

function watchSources(onChange) {
  let timer;
  const changed = (_, file) => {
    // The build writes there.
    if (file?.startsWith('generated')) return;
    clearTimeout(timer);
    timer = setTimeout(() => onChange(), quietMs);
  };
  return sources.map((directory) => watch(join(root, directory), { recursive: true }, changed));
}
