import type { OxlintOverride } from 'oxlint';

/**
 * The rooms of packages/core/src, lowest first: a room imports its own layer and those below (docs/architecture.md).
 * The one file that looks up is database/entities.ts, which lists the tables of every room.
 */
const layers = [
  ['kernel'],
  ['database', 'audit', 'outbox', 'idempotency'],
  ['users'],
  ['profiles', 'preferences', 'roles', 'credentials', 'credits', 'services', 'notifications'],
  ['keys'],
  ['tokens'],
  ['sessions'],
  ['oauth'],
] as const;

/** The ways into apps/api/src: each uses http/ and @org/core, never another. */
const doors = ['rest', 'oidc', 'pages', 'grpc', 'queue', 'ops'] as const;

/** `regex` knows no look-around; `group` (as in .gitignore) can make exceptions. */
type Forbidden = { readonly message: string } & ({ readonly regex: string } | { readonly group: readonly string[] });

const rooms: readonly string[] = layers.flat();
const withIndex = rooms.filter((room) => room !== 'kernel');

const foreign: Forbidden = {
  regex: String.raw`^(express|tsoa|@tsoa/|amqplib|@grpc/|nodemailer|oidc-provider|swagger-ui-express|@org/)`,
  message: 'packages/core knows no door: HTTP, queues, mail and the other packages stay outside.',
};

/** Comes last in every list: for oxlint its exception ends the search. */
const deep = {
  group: withIndex.flatMap((room) => [`**/${room}/**`, `!**/${room}/index.ts`]),
  message: 'Import another room by its index.ts.',
};

/** A foreign key names the row it points to. By index.ts it would load the use cases, which load the database: a ring. */
const deepExceptRows: Forbidden = {
  ...deep,
  group: deep.group.concat(withIndex.map((room) => `!**/${room}/entities.ts`)),
};

/** Tests have a real PostgreSQL of ours, and no door either. */
const foreignInTests: Forbidden = {
  group: [
    'express',
    'tsoa',
    '@tsoa/**',
    'amqplib',
    '@grpc/**',
    '@org/**',
    '!@org/test-postgres',
    '!@org/test-postgres/**',
  ],
  message: foreign.message,
};

const upwards = (layer: number): Forbidden[] => {
  const above = layers.slice(layer + 1).flat();
  if (above.length === 0) return [];
  const message = `Arrows go one way: ${layers[layer]?.join(', ')} may not import the rooms above.`;
  return [{ regex: String.raw`^(\.\.?/)+(${above.join('|')})/`, message }];
};

/** The kernel imports nothing of ours: whatever leaves the folder is another room or the root. */
const outside: Forbidden = {
  regex: String.raw`^\.\./`,
  message: 'The kernel imports nothing of ours.',
};

const besides = (door: string): Forbidden => ({
  regex: String.raw`^(\.\./)+(${doors.filter((other) => other !== door).join('|')})/`,
  message: 'Doors do not import each other: what they share lives in http/.',
});

const root: Forbidden = {
  regex: String.raw`^@org/core/|(^|/)packages/|^@org/jwt-client/(src|dist)`,
  message: 'Apps import @org/core by its root, and the published entries of @org/jwt-client.',
};

const environment = {
  name: 'node:process',
  importNames: ['env'],
  message: 'Only apps/api/src/config.ts reads the environment.',
};

/** Of several entries for one file the last replaces the others: each lists all that its files may not import. */
const forbid = (files: string[], patterns: Forbidden[]): OxlintOverride => ({
  files,
  rules: { 'no-restricted-imports': ['error', { paths: [environment], patterns }] },
});

/** Where each file may reach. Proved to bite by tooling/checks/boundaries.mjs. */
export const boundaries: OxlintOverride[] = [
  forbid(['packages/core/src/**'], [foreign, deep]),
  ...layers.flatMap((layer, index) =>
    layer.map((room) => forbid([`packages/core/src/${room}/**`], [foreign, ...upwards(index), deep])),
  ),
  ...layers.flatMap((layer, index) =>
    layer.map((room) =>
      forbid([`packages/core/src/${room}/entities.ts`], [foreign, ...upwards(index), deepExceptRows]),
    ),
  ),
  forbid(['packages/core/src/kernel/**'], [foreign, outside]),
  // Not by index.ts: whoever opens a database would load every use case, and the rooms would import each other in a ring.
  forbid(['packages/core/src/database/entities.ts'], [foreign]),
  forbid(
    ['packages/core/**/*.test.ts', 'packages/core/test/**', 'packages/core/src/testing/**'],
    [foreignInTests, deep],
  ),
  forbid(
    ['packages/jwt-client/src/**'],
    [
      {
        group: ['**', '!node:*', '!./**', '!../**'],
        message: 'The published package has no dependencies: Node and its own files only.',
      },
    ],
  ),
  forbid(
    ['packages/jwt-client/**/*.test.ts'],
    [
      {
        group: ['@org/**', '!@org/jwt-client/**'],
        message: 'The published package imports nothing from the workspace.',
      },
    ],
  ),
  forbid(['apps/**'], [root]),
  ...doors.map((door) => forbid([`apps/api/src/${door}/**`], [root, besides(door)])),
];
