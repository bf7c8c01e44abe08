import t from 'tap'
import type { ComponentHealth } from '../../../../examples/dynoai-api/contracts.js'
import { HealthChecks } from '../../../../examples/dynoai-api/health/health-checks.js'

type Status = ComponentHealth['status']

t.test('reports the worst status of the components for the service', async t => {
  const cases: Array<[statuses: Status[], worst: Status]> = [
    [[], 'healthy'],
    [['healthy', 'healthy'], 'healthy'],
    [['healthy', 'degraded'], 'degraded'],
    [['unhealthy', 'degraded', 'healthy'], 'unhealthy']
  ]
  for (const [statuses, worst] of cases) {
    const checks = new HealthChecks()
    for (const [index, status] of statuses.entries()) {
      checks.add(`component ${index}`, () => ({ status, message: 'Message.' }))
    }
    const report = checks.report()
    t.equal(report.status, worst, statuses.join())
    t.same(Object.values(report.components).map(({ status }) => status), statuses)
  }
})

t.test('calls the checks for every report', async t => {
  const checks = new HealthChecks()
  const reports: ComponentHealth[] = [{ status: 'degraded', message: 'Slow.' }, { status: 'healthy', message: 'Fast.' }]
  checks.add('disk', () => reports.shift() as ComponentHealth)
  t.same(checks.report(), { status: 'degraded', components: { disk: { status: 'degraded', message: 'Slow.' } } })
  t.same(checks.report(), { status: 'healthy', components: { disk: { status: 'healthy', message: 'Fast.' } } })
})
