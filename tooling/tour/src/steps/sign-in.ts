import { decodeToken } from '../token.ts';
import type { Person, Step, Tour } from '../step.ts';

export const adminSignsIn: Step = {
  title: 'An admin signs in and gets a signed token',
  picture: ['admin', 'email, password', 'users service', 'argon2id, RS256', 'token'],
  async act(tour) {
    await signIn(tour, tour.admin);
    const { header, claims } = decodeToken(tour.admin.accessToken);
    tour.screen.says(`the access token has ${tour.admin.accessToken.length} characters; decoded it says:`);
    for (const [name, value] of Object.entries({ ...header, ...claims }))
      tour.screen.says(`  ${name.padEnd(9)} ${plain(value)}`);
  },
};

export const userSignsIn: Step = {
  title: 'The user signs in and asks "who am I?"',
  picture: ['Ada', 'GET /api/users/me', 'users service', 'one select', 'database'],
  async act(tour) {
    await signIn(tour, tour.user);
    await tour.api({
      method: 'GET',
      path: '/api/users/me',
      token: tour.user.accessToken,
      status: 200,
      shows: ['id', 'email', 'name', 'status', 'roles', 'credits'],
    });
  },
};

async function signIn({ api }: Tour, who: Person): Promise<void> {
  const answer = await api({
    method: 'POST',
    path: '/api/auth/login',
    body: { email: who.email, password: who.password },
    status: 200,
    shows: ['token_type', 'expires_in'],
  });
  who.accessToken = answer.get('access_token');
  who.refreshToken = answer.get('refresh_token');
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
