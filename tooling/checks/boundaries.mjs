/**
 * Proves that the lint rules which hold the architecture bite: a lint rule that matches nothing passes in silence.
 * Writes one small file per case into a copy of the tree's shape, lints it with the real configuration, and compares.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../launcher/child.mjs';

const imports = 'eslint(no-restricted-imports)';
const environment = 'node(no-process-env)';
const cycle = 'import(no-cycle)';
const readsPort = "process.env['PORT'];";

/** One room of each layer of packages/core, lowest first; written down here again, so that a wrong table is noticed. */
const ladder = ['kernel', 'audit', 'users', 'credits', 'keys', 'tokens', 'sessions', 'oauth'];

/** [file that imports, what it imports or does, the rule that must refuse it or undefined if it must pass] */
const cases = [
  ...['express', 'tsoa', '@tsoa/runtime', '@org/api', '@org/jwt-client', 'amqplib', '@grpc/grpc-js'].map((name) => [
    'packages/core/src/users/register.ts',
    from(name),
    imports,
  ]),
  ['packages/core/src/users/register.test.ts', from('@org/api'), imports],
  ['packages/core/src/users/register.test.ts', from('express'), imports],
  ['packages/core/src/users/register.test.ts', from('@org/test-postgres/vitest-setup'), undefined],
  ['packages/core/src/users/register.ts', from('@mikro-orm/core'), undefined],
  ['packages/core/src/credits/spend.ts', from('../users/register.ts'), imports],
  ['packages/core/src/credits/spend.ts', from('../users/index.ts'), undefined],
  ['packages/core/src/credits/spend.ts', from('./entities.ts'), undefined],
  ['packages/core/src/credits/spend.ts', from('../users/entities.ts'), imports],
  ['packages/core/src/credits/entities.ts', from('../users/entities.ts'), undefined],
  ['packages/core/src/credits/entities.ts', from('../users/register.ts'), imports],
  ['packages/core/src/users/entities.ts', from('../sessions/entities.ts'), imports],
  ['packages/core/src/credits/ledger/post.ts', from('../../users/register.ts'), imports],
  ['packages/core/src/credits/spend.test.ts', from('../users/register.ts'), imports],
  ['packages/core/src/index.ts', from('./users/register.ts'), imports],
  ['packages/core/src/index.ts', from('./users/index.ts'), undefined],
  ['packages/core/src/users/left.ts', from('./right.ts'), cycle],
  ['packages/core/src/users/right.ts', from('./left.ts'), cycle],
  ['packages/core/src/kernel/page.ts', from('../scope.ts'), imports],
  ['packages/core/src/database/open.ts', from('../users/index.ts'), imports],
  ['packages/core/src/database/entities.ts', from('../users/entities.ts'), undefined],
  ['packages/jwt-client/src/verifier.ts', from('@org/core'), imports],
  ['packages/jwt-client/src/verifier.ts', from('jose'), imports],
  ['packages/jwt-client/src/verifier.ts', from('node:crypto'), undefined],
  ['packages/jwt-client/src/verifier.ts', from('./jws/header.ts'), undefined],
  ['packages/jwt-client/src/jws/header.ts', from('../errors/index.ts'), undefined],
  ['packages/jwt-client/test/verify.test.ts', from('@org/core'), imports],
  ['packages/jwt-client/test/verify.test.ts', from('jose'), undefined],
  ['apps/api/src/rest/users.controller.ts', from('@org/core/users'), imports],
  ['apps/api/src/rest/users.controller.ts', from('../../../../packages/core/src/index.ts'), imports],
  ['apps/api/src/rest/users.controller.ts', from('../oidc/provider.ts'), imports],
  ['apps/api/src/rest/users.controller.ts', from('../http/ioc.ts'), undefined],
  ['apps/api/src/rest/users.controller.ts', from('@org/core'), undefined],
  ['apps/api/src/app.ts', from('@org/core/users'), imports],
  ['apps/api/src/rest/users.controller.ts', readsPort, environment],
  ['apps/api/src/main.ts', readsPort, environment],
  ['apps/api/src/main.ts', "export { env } from 'node:process';", imports],
  ['packages/core/src/settings.ts', readsPort, environment],
  ['packages/jwt-client/src/options.ts', readsPort, environment],
  ['apps/api/src/config.ts', readsPort, undefined],
  ['apps/api/src/http/ioc.test.ts', readsPort, undefined],
  ...ladder.flatMap((room, at) =>
    ladder.map((other, height) => [
      `packages/core/src/${room}/verb.ts`,
      from(other === 'kernel' ? '../kernel/page.ts' : `../${other}/index.ts`),
      height > at || (room === 'kernel' && height === at) ? imports : undefined,
    ]),
  ),
];

const tree = mkdtempSync(join(tmpdir(), 'boundaries-'));
try {
  const refusals = lint(write(cases));
  const wrong = cases.filter(([file, code, rule]) => refusals.get(`${file}: ${code}`) !== rule);
  for (const [file, code, rule] of wrong) console.error(`${rule ? 'Not refused' : 'Refused'}: ${file}: ${code}`);
  console.log(`${cases.length - wrong.length} of ${cases.length} boundary cases hold`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(tree, { recursive: true, force: true });
}

function from(name) {
  return `export * from '${name}';`;
}

/** One file per name with one case per line, and the real configuration beside them. */
function write(all) {
  for (const name of ['tooling', 'node_modules']) symlinkSync(join(root, name), join(tree, name));
  copyFileSync(join(root, 'oxlint.config.ts'), join(tree, 'oxlint.config.ts'));
  const files = Map.groupBy(all, ([file]) => file);
  for (const [file, lines] of files) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), lines.map(([, code]) => `${code}\n`).join(''));
  }
  return files;
}

/** Which rule refused which case, by "file: code". Other rules may find fault with such code; they are not asked. */
function lint(files) {
  const oxlint = join(root, 'node_modules', '.bin', 'oxlint');
  const { stdout, stderr } = spawnSync(oxlint, ['--format=json', 'packages', 'apps'], { cwd: tree, encoding: 'utf8' });
  if (!stdout.startsWith('{')) throw new Error(`oxlint could not run:\n${stdout}${stderr}`);
  const asked = JSON.parse(stdout).diagnostics.filter(({ code }) => [imports, environment, cycle].includes(code));
  return new Map(
    asked.map(({ code, filename, labels: [label] }) => {
      const [file, line] = files.get(filename)[label.span.line - 1];
      return [`${file}: ${line}`, code];
    }),
  );
}
