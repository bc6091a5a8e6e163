import { fromJson } from '../kernel/json.ts';
import type { Scope } from '../scope.ts';

export interface RoleView {
  name: string;
  description: string;
  permissions: string[];
  builtIn: boolean;
  createdAt: Date;
}

interface RoleRow {
  name: string;
  description: string;
  permissions: unknown;
  built_in: boolean | number;
  created_at: unknown;
}

/** All roles, by name. */
export async function listRoles({ database }: Scope): Promise<RoleView[]> {
  const rows = await database.read<RoleRow>(
    'select name, description, permissions, built_in, created_at from role order by name',
  );
  return rows.map((row) => ({
    name: row.name,
    description: row.description,
    permissions: fromJson<string[]>(row.permissions).toSorted(),
    builtIn: Boolean(row.built_in),
    createdAt: database.dialect.fromTime(row.created_at),
  }));
}
