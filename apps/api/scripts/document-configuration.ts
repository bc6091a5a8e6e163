/** Writes `.env.example` and the configuration guide from the schema of the environment. A test compares them. */
import { writeFileSync } from 'node:fs';

import { configurationGuide, envExample } from '../src/describe-environment.ts';

const root = new URL('../../../', import.meta.url);
writeFileSync(new URL('.env.example', root), envExample());
writeFileSync(new URL('docs/guides/configuration.md', root), configurationGuide());
