import t from 'tap'
import { describeAddresses, metricsAddress } from '../../../examples/dynoai-api/metrics-address.js'

const origin = 'http://localhost:5001'

t.test('tells where metrics are that are switched on, and no place for those that are not', async t => {
  const cases: Array<[metrics: Parameters<typeof metricsAddress>[0], url: string | undefined, sentence: string]> = [
    [{ enabled: true, address: null }, `${origin}/m`, `listens at ${origin}, its metrics are at ${origin}/m`],
    [{ enabled: true, address: { address: '127.0.0.1', family: 'IPv4', port: 1 } }, 'http://127.0.0.1:1/m', `listens at ${origin}, its metrics are at http://127.0.0.1:1/m`],
    [{ enabled: true, address: { address: '::1', family: 'IPv6', port: 1 } }, 'http://[::1]:1/m', `listens at ${origin}, its metrics are at http://[::1]:1/m`],
    [{ enabled: false, address: null }, undefined, `listens at ${origin}, its metrics are switched off`]
  ]
  for (const [metrics, url, sentence] of cases) {
    t.equal(metricsAddress(metrics, origin, '/m'), url)
    t.equal(describeAddresses(origin, url), sentence)
  }
})
