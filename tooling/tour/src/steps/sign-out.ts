import type { Step } from '../step.ts';

export const signOut: Step = {
  title: 'Sign-out: both tokens are dead at once',
  picture: ['Ada', 'POST /api/auth/logout', 'users service', 'session ends', 'database'],
  async act({ api, user }) {
    const token = user.accessToken;
    const body = { refresh_token: user.refreshToken };
    await api({ method: 'POST', path: '/api/auth/logout', token, status: 204 });
    await api({ method: 'GET', path: '/api/users/me', token, status: 401, shows: ['code'] });
    await api({ method: 'POST', path: '/api/auth/refresh', body, status: 401, shows: ['code'] });
  },
};
