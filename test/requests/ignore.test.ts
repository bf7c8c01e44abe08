import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { isIgnored } from '../../lib/requests/ignore.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

t.test('a string matches a complete path, a pattern matches anywhere, and a function decides', async t => {
  const cases = [
    ['/a', '/a', true],
    ['/a', '/a/b', false],
    [/^\/internal/, '/internal/x', true],
    [/b$/, '/a/b', true],
    [/b$/, '/b/a', false],
    [['/x', /^\/y/], '/y/1', true],
    [['/x', /^\/y/], '/z', false],
    [[], '/a', false],
    [(path: string) => path.includes(':id'), '/a/:id', true],
    [(path: string) => path.includes(':id'), '/a', false],
    [(_path: string, method: string) => method === 'GET', '/a', true],
    ['__unmatched__', '__unmatched__', true]
  ] as const
  for (const [ignore, path, ignored] of cases) t.equal(isIgnored(ignore, path, 'GET'), ignored, `${ignore} ${path}`)
})

t.test('rejects a function that does not return a boolean', async t => {
  for (const result of [1, 'yes', undefined, Promise.resolve(true)]) {
    t.throws(() => isIgnored((() => result) as unknown as () => boolean, '/a', 'GET'), {
      code: 'DYNOAI_METRICS_ERR_OPTION', message: /'requests.ignore'/
    })
  }
})

t.test('a function that returns a rejected promise causes no unhandled rejection', async t => {
  const unhandled = collectUnhandledRejections(t)
  const boom = async (): Promise<boolean> => { throw new Error('boom') }
  for (const ignore of [boom, () => ({ then: (...args: []) => boom().then(...args) })]) {
    t.throws(() => isIgnored(ignore as unknown as () => boolean, '/a', 'GET'), { code: 'DYNOAI_METRICS_ERR_OPTION' })
  }
  await nextTurn()
  t.strictSame(unhandled, [])
})

t.test('a pattern with /g or /y matches in every call', async t => {
  for (const pattern of [/\/a/g, /\/a/y]) {
    t.strictSame([1, 2, 3, 4].map(() => isIgnored(pattern, '/a', 'GET')), [true, true, true, true])
    t.equal(pattern.lastIndex, 0)
  }
})
