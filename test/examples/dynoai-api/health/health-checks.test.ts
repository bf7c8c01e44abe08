import t from 'tap'
import type { ComponentHealth } from '../../../../examples/dynoai-api/contracts.js'
import { HealthChecks } from '../../../../examples/dynoai-api/health/health-checks.js'

type Status = ComponentHealth['status']

t.test('the service is as well as the worst of its components', async t => {
  const cases: Array<[found: Status[], status: Status]> = [
    [[], 'healthy'],
    [['healthy', 'healthy'], 'healthy'],
    [['healthy', 'degraded'], 'degraded'],
    [['unhealthy', 'degraded', 'healthy'], 'unhealthy']
  ]
  for (const [found, status] of cases) {
    const checks = new HealthChecks()
    for (const [index, status] of found.entries()) checks.add(`part ${index}`, () => ({ status, message: 'So it is.' }))
    const report = checks.report()
    t.equal(report.status, status, found.join())
    t.same(Object.values(report.components).map(({ status }) => status), found)
  }
})

t.test('asks again at every report', async t => {
  const checks = new HealthChecks()
  const reports: ComponentHealth[] = [{ status: 'degraded', message: 'Slow.' }, { status: 'healthy', message: 'Fast.' }]
  checks.add('part', () => reports.shift() as ComponentHealth)
  t.same(checks.report(), { status: 'degraded', components: { part: { status: 'degraded', message: 'Slow.' } } })
  t.same(checks.report(), { status: 'healthy', components: { part: { status: 'healthy', message: 'Fast.' } } })
})
