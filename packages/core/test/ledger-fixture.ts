import { openTestScope, type TestScope } from './scope.ts';

/** A migrated database with users who can have credits. */
export interface TestLedger extends TestScope {
  /** A new user with no account yet; gives the id. */
  addUser(status?: 'active' | 'inactive' | 'deleted'): Promise<string>;
}

export async function openTestLedger(url: string): Promise<TestLedger> {
  const scope = await openTestScope(url);
  return { ...scope, addUser: (status = 'active') => addUser(scope, status) };
}

async function addUser(scope: TestScope, status: string): Promise<string> {
  const id = scope.newId();
  await scope.database.read(
    `insert into users (id, email, email_key, profile, status, created_at, updated_at) values (?, ?, ?, '{}', ?, ?, ?)`,
    [id, `${id}@example.org`, `${id}@example.org`, status, scope.now(), scope.now()],
  );
  return id;
}
