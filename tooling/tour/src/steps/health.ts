import type { Step } from '../step.ts';

export const health: Step = {
  title: 'The service says how it is',
  picture: ['you', 'GET /api/health', 'users service', 'select 1', 'database'],
  async act({ api }) {
    await api({ method: 'GET', path: '/api/health', status: 200, shows: ['service', 'status', 'checks'] });
  },
};
