import { z } from 'zod';

import { environment } from './config.ts';

/** What there is to know about one variable. */
interface Variable {
  readonly name: string;
  readonly description: string;
  readonly defaultText: string;
}

/** Every variable of the schema, in its order. */
function variables(): Variable[] {
  return Object.entries(environment.shape).map(([name, schema]) => {
    const description = schema.meta()?.description;
    if (description === undefined) throw new Error(`${name} has no description`);
    return { name, description, defaultText: defaultOf(schema) };
  });
}

function defaultOf(schema: z.ZodType): string {
  if (!(schema instanceof z.ZodDefault)) return '';
  const value: unknown = schema.def.defaultValue;
  if (value === false) return '';
  return isRevealable(value) ? value.reveal() : String(value);
}

/** Defaults are in the source: none is a secret. */
function isRevealable(value: unknown): value is { reveal(): string } {
  return typeof value === 'object' && value !== null && 'reveal' in value;
}

/** The text of `.env.example`: every variable with its default, switched off. */
export function envExample(): string {
  const blocks = variables().map(({ name, description, defaultText }) => `# ${description}\n#${name}=${defaultText}\n`);
  return `# Generated from apps/api/src/config.ts. Copy to .env and uncomment what you change.\n\n${blocks.join('\n')}`;
}

/** The text of the configuration guide. */
export function configurationGuide(): string {
  const rows = variables().map(({ name, description, defaultText }) => {
    return `| \`${name}\` | ${defaultText === '' ? '' : `\`${defaultText}\``} | ${description.replaceAll('|', '\\|')} |`;
  });
  return `${HEAD}\n| variable | default | what it does |\n|---|---|---|\n${rows.join('\n')}\n`;
}

const HEAD = `# Configuration

<!-- Generated from apps/api/src/config.ts by \`pnpm --filter @org/api generate:docs\`. Edit the schema, not this file. -->

The server is configured by environment variables; a file \`.env\` in the folder it is started in is read as well, and
variables that are set already win. An empty variable counts as absent. Everything that is wrong is printed at once, one
line for each variable, and the server does not start.
`;
