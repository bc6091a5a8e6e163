import { readConfig } from './config.ts';
import { serve } from './serve.ts';

try {
  // oxlint-disable-next-line node/no-process-env -- the one place that reads the environment
  const config = readConfig(process.env);
  const demo = await serve(config);
  console.log(`Demo client on ${demo.address}, for tokens of ${config.issuer} (audience ${config.audience})`);
  // Once each: a second signal ends the process at once.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void demo.close());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
