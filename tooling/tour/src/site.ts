import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { StepFailed } from './api.ts';
import { startServer } from './server.ts';
import { person, type Person } from './step.ts';

/** The server that the tour visits, and who shows us around. */
export interface Site {
  readonly url: string;
  readonly admin: Person;
  readonly databaseFile?: string;
  leave(): Promise<void>;
}

/** The server at TOUR_URL, with the admin of ADMIN_EMAIL and ADMIN_PASSWORD; without TOUR_URL one of our own. */
export async function openSite(variables: NodeJS.ProcessEnv): Promise<Site> {
  const url = variables['TOUR_URL'];
  return url ? givenSite(url, variables) : ownSite();
}

function givenSite(url: string, variables: NodeJS.ProcessEnv): Site {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = variables;
  if (!URL.canParse(url))
    throw new StepFailed('TOUR_URL must be the address of a server, such as http://127.0.0.1:8000');
  if (!email || !password)
    throw new StepFailed('With TOUR_URL set ADMIN_EMAIL and ADMIN_PASSWORD too: an admin of that server');
  return { url: new URL(url).origin, admin: person(email, password), leave: async () => {} };
}

async function ownSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'users-service-tour-'));
  const databaseFile = join(folder, 'users.sqlite');
  const admin = person('admin@example.org', randomBytes(18).toString('base64url'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const environment = {
    DATABASE_URL: `sqlite:${databaseFile}`,
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
  };
  try {
    const server = await startServer({ environment });
    return { url: server.url, admin, databaseFile, leave: () => server.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}
