import t from 'tap'
import { listPrograms } from '../fixtures/integration/prometheus-programs.js'

const versionsOf = (tool: 'prometheus' | 'promtool'): string[] => listPrograms(tool).map(({ version }) => version)

t.test('the tests run with Prometheus and promtool of the same versions', async t => {
  t.comment(`Prometheus ${versionsOf('prometheus').join(' and ')}`)
  t.strictSame(versionsOf('promtool'), versionsOf('prometheus'))
})

if (process.env['CI'] === 'true') {
  t.test('in CI they run with Prometheus 3 first, and with Prometheus 2', async t => {
    t.strictSame(listPrograms('prometheus').map(({ major }) => major), [3, 2])
  })
}
