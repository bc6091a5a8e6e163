import { defineConfig } from 'oxlint';
import { boundaries } from './tooling/lint/boundaries.ts';

const tests = ['**/*.test.ts', '**/test/**', '**/testing/**', 'apps/*/scripts/**', 'tooling/**'];

const untyped = {
  'typescript/no-unsafe-argument': 'off',
  'typescript/no-unsafe-assignment': 'off',
  'typescript/no-unsafe-call': 'off',
  'typescript/no-unsafe-member-access': 'off',
  'typescript/no-unsafe-return': 'off',
  'typescript/restrict-template-expressions': 'off',
} as const;

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  env: { node: true, builtin: true },
  ignorePatterns: ['**/dist/**', '**/generated/**', '**/coverage/**'],
  rules: {
    'array-callback-return': 'error',
    eqeqeq: 'error',
    'max-params': ['error', { max: 5 }],
    'no-console': 'error',
    'no-else-return': 'error',
    'no-param-reassign': 'error',
    'no-var': 'error',
    'object-shorthand': 'error',
    'prefer-const': 'error',
    'import/no-cycle': ['error', { ignoreTypes: true }],
    'import/no-default-export': 'error',
    'import/no-mutable-exports': 'error',
    // CommonJS packages (pg) have the default export only, whatever their types say.
    'import/no-named-as-default-member': 'off',
    'node/no-process-env': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-deprecated': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-namespace': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    // Branded types and rows of raw SQL are made by an assertion in one place.
    'typescript/no-unsafe-type-assertion': 'off',
    // The caller says what a row or a JSON column holds.
    'typescript/no-unnecessary-type-parameters': 'off',
    'typescript/only-throw-error': 'error',
    'typescript/restrict-template-expressions': ['error', { allowNumber: true }],
    'typescript/return-await': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'unicorn/prefer-node-protocol': 'error',
  },
  overrides: [
    ...boundaries,
    { files: ['apps/api/src/config.ts'], rules: { 'node/no-process-env': 'off' } },
    { files: ['apps/*/src/main.ts', 'apps/*/scripts/**', 'tooling/**'], rules: { 'no-console': 'off' } },
    { files: ['**/*.config.{ts,mjs}', '**/*setup.ts'], rules: { 'import/no-default-export': 'off' } },
    // The launcher runs before anything is installed, types included.
    { files: ['tooling/**/*.mjs'], rules: untyped },
    {
      files: tests,
      rules: {
        'node/no-process-env': 'off',
        'typescript/unbound-method': 'off',
        // Asymmetric matchers are typed any.
        'typescript/no-unsafe-assignment': 'off',
        'unicorn/consistent-function-scoping': 'off',
        'import/no-unassigned-import': 'off',
      },
    },
  ],
});
