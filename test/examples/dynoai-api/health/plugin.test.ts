import Fastify from 'fastify'
import t from 'tap'
import type { ComponentHealth } from '../../../../examples/dynoai-api/contracts.js'
import { HealthChecks } from '../../../../examples/dynoai-api/health/health-checks.js'
import { healthPlugin } from '../../../../examples/dynoai-api/health/plugin.js'

t.test('responds with 503 only when a component is unhealthy', async t => {
  const cases: Array<[status: ComponentHealth['status'], code: number]> = [
    ['healthy', 200], ['degraded', 200], ['unhealthy', 503]
  ]
  for (const [status, code] of cases) {
    const checks = new HealthChecks()
    checks.add('disk', () => ({ status, message: 'Message.' }))
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(healthPlugin, { checks, version: '1.2.3' })
    const response = await app.inject('/api/health')
    t.equal(response.statusCode, code, status)
    const { timestamp, uptime_seconds: uptime, ...rest } = response.json()
    t.same(rest, { status, version: '1.2.3', components: { disk: { status, message: 'Message.' } } })
    t.equal(new Date(timestamp).toISOString(), timestamp)
    t.ok(Number.isInteger(uptime) && uptime >= 0)
  }
})
