import neostandard, { plugins } from 'neostandard'

// Code that runs for every request, where an object of named values would cost time, and hooks with Fastify's
// parameters.
const MANY_PARAMETERS = [
  ...['hooks.ts', 'recorder.ts', 'request-context.ts'].map(name => `lib/requests/${name}`),
  'lib/endpoint/response-hooks.ts'
]

// Each of these has a package of its own, whose types are installed only where it is run.
const OTHER_PACKAGES = [
  'dashboards/preview/**', 'test/bench/**', 'test/fixtures/consumer/**', 'test/matrix/programs/**', 'test/types/**'
]

export default [
  ...neostandard({
    ts: true,
    ignores: ['**/dist', 'coverage', '.tap', 'docs/api']
  }),
  {
    rules: {
      '@stylistic/max-len': ['error', { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true }]
    }
  },
  {
    // Rules that need types.
    files: ['**/*.ts'],
    ignores: OTHER_PACKAGES,
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { '@typescript-eslint': plugins['typescript-eslint'].plugin },
    rules: {
      'prefer-promise-reject-errors': 'off', // replaced below
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-deprecated': 'error',
      // tap waits for the tests that it was given.
      '@typescript-eslint/no-floating-promises': ['error', {
        allowForKnownSafePromises: [{ from: 'package', package: '@tapjs/core', name: 'PromiseWithSubtest' }]
      }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': ['error', {
        allowThrowingAny: true, allowThrowingUnknown: true
      }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }]
    }
  },
  {
    // Grafana 12 still imports dashboards of the schema that the SDK calls deprecated; older versions support no other.
    files: ['dashboards/src/**/*.ts'],
    rules: { '@typescript-eslint/no-deprecated': 'off' }
  },
  {
    // Handlers of requests that never end do not wait for their promises.
    files: ['test/fixtures/scenarios/support/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'off' }
  },
  {
    // An unhandled rejection of a listener fails the test.
    files: ['test/**/*.ts'],
    ignores: OTHER_PACKAGES,
    rules: { '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }] }
  },
  {
    files: ['lib/**/*.ts'],
    ignores: MANY_PARAMETERS,
    rules: { 'max-params': ['error', 3] }
  }
]
