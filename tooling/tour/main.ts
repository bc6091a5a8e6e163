/**
 * `npm run tour`: the main job of the product in a few seconds, over real HTTP, on a server of its own that is removed
 * at the end. `TOUR_URL=http://… ADMIN_EMAIL=… ADMIN_PASSWORD=… npm run tour` visits a running one.
 */
import { screen } from './src/screen.ts';
import { openSite, type Site } from './src/site.ts';
import { walk } from './src/walk.ts';

const EXIT_CODE_INTERRUPTED = 130;

const interrupted = new Promise<number>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(EXIT_CODE_INTERRUPTED));
});

async function tour(opening: Promise<Site>): Promise<number> {
  const startedMs = performance.now();
  const site = await opening;
  console.log(`A tour of the users service at ${site.url}`);
  await walk(site, screen);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`\nThat was it, in ${seconds} seconds. Your own: \`npm start\`, then look at /api/docs.`);
  return 0;
}

function explain(error: unknown): number {
  console.error(`The tour ended early. ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

const opening = openSite(process.env);
const exitCode = await Promise.race([tour(opening), interrupted]).catch(explain);
// A server that was about to start when we were interrupted is waited for: nothing is left behind.
await opening.then(
  (site) => site.leave(),
  () => undefined,
);
process.exit(exitCode);
