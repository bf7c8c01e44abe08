import neostandard from 'neostandard'

/** What runs for every request, where an object of named values would cost, and hooks whose parameters are Fastify's. */
const MANY_PARAMETERS = ['hooks.ts', 'recorder.ts', 'request-context.ts'].map(name => `lib/requests/${name}`)

export default [
  ...neostandard({
    ts: true,
    ignores: ['**/dist', 'coverage', '.tap']
  }),
  {
    files: ['lib/**/*.ts'],
    ignores: [...MANY_PARAMETERS, 'lib/endpoint/answer-hooks.ts'],
    rules: { 'max-params': ['error', 3] }
  }
]
