import type { Step } from '../step.ts';

export const createUser: Step = {
  title: 'The admin creates a user',
  picture: ['admin', 'POST /api/users', 'users service', 'user, audit', 'database'],
  async act({ api, admin, user }) {
    const answer = await api({
      method: 'POST',
      path: '/api/users',
      token: admin.accessToken,
      body: { email: user.email, password: user.password, name: 'Ada Lovelace' },
      status: 201,
      shows: ['id', 'email', 'status'],
    });
    user.id = answer.get('id');
  },
};
