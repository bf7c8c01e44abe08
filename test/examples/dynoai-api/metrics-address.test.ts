import t from 'tap'
import { describeAddresses, metricsAddress } from '../../../examples/dynoai-api/metrics-address.js'

const origin = 'http://localhost:5001'

t.test('returns and describes the URL of enabled metrics, and no URL of disabled ones', async t => {
  const ipv4 = { address: '127.0.0.1', family: 'IPv4', port: 1 } as const
  const ipv6 = { address: '::1', family: 'IPv6', port: 1 } as const
  const cases: Array<[metrics: Parameters<typeof metricsAddress>[0], url: string | undefined, description: string]> = [
    [{ enabled: true, address: null }, `${origin}/m`, `its metrics are at ${origin}/m`],
    [{ enabled: true, address: ipv4 }, 'http://127.0.0.1:1/m', 'its metrics are at http://127.0.0.1:1/m'],
    [{ enabled: true, address: ipv6 }, 'http://[::1]:1/m', 'its metrics are at http://[::1]:1/m'],
    [{ enabled: false, address: null }, undefined, 'its metrics are switched off']
  ]
  for (const [metrics, url, description] of cases) {
    t.equal(metricsAddress(metrics, origin, '/m'), url)
    t.equal(describeAddresses(origin, url), `listens at ${origin}, ${description}`)
  }
})
