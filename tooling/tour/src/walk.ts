import { randomBytes } from 'node:crypto';

import { createApi } from './api.ts';
import type { Screen } from './screen.ts';
import type { Site } from './site.ts';
import { person, type Tour } from './step.ts';
import { steps } from './steps/index.ts';

/** Takes every step in turn. Leaves nothing behind but the audit: on somebody else's server the user is removed again. */
export async function walk(site: Site, screen: Screen): Promise<void> {
  const { url, admin, databaseFile } = site;
  const user = person(`ada.${randomBytes(4).toString('hex')}@example.org`, randomBytes(18).toString('base64url'));
  const tour: Tour = { url, api: createApi(url, screen), screen, admin, user, ...(databaseFile && { databaseFile }) };
  try {
    await takeSteps(tour);
  } finally {
    if (databaseFile === undefined && user.id !== '') await removeUser(tour);
  }
}

async function takeSteps(tour: Tour): Promise<void> {
  const taken = steps.filter(({ onOwnServerOnly }) => !onOwnServerOnly || tour.databaseFile !== undefined);
  for (const [index, step] of taken.entries()) {
    tour.screen.title(`${index + 1}/${taken.length}  ${step.title}`);
    tour.screen.picture(step.picture);
    await step.act(tour);
  }
}

async function removeUser({ api, admin, user, screen }: Tour): Promise<void> {
  screen.title('Tidying up');
  await api({ method: 'DELETE', path: `/api/users/${user.id}`, token: admin.accessToken, status: 204 });
}
