import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { prove, type Step } from '../step.ts';

const EDITOR = fileURLToPath(new URL('../editor.ts', import.meta.url));

const attempts = [
  'update credit_entry set amount = 1000000',
  'delete from credit_entry',
  'update credit_account set balance = 1000000',
];

export const rewriteHistory: Step = {
  title: 'The database itself refuses to rewrite history',
  picture: ['somebody with the file', 'SQL, past our code', 'triggers: refused'],
  onOwnServerOnly: true,
  async act(tour) {
    for (const sql of attempts) {
      tour.screen.sends(sql);
      const refusal = await edit(tour.databaseFile ?? '', sql);
      prove(tour, `refused: ${refusal}`, refusal !== '');
    }
    const { api, user } = tour;
    const path = '/api/users/me/credits';
    await api({ method: 'GET', path, token: user.accessToken, status: 200, shows: ['balance', 'available'] });
  },
};

/** What the database says against a statement; '' when it obeys. */
async function edit(file: string, sql: string): Promise<string> {
  // Node's own SQLite, in a process of its own: before Node 26 it warns on stderr that it is new.
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    EDITOR,
    file,
    sql,
  ]);
  return stdout;
}
