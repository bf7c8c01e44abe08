import t from 'tap'
import { describeAddresses, metricsAddress } from '../../../examples/dynoai-api/metrics-address.js'

const origin = 'http://localhost:5001'

t.test('tells where metrics are that are switched on, and no place for those that are not', async t => {
  const cases: Array<[enabled: boolean, address: string | undefined, sentence: string]> = [
    [true, `${origin}/m`, `listens at ${origin}, its metrics are at ${origin}/m`],
    [false, undefined, `listens at ${origin}, its metrics are switched off`]
  ]
  for (const [enabled, address, sentence] of cases) {
    t.equal(metricsAddress({ enabled }, origin, '/m'), address)
    t.equal(describeAddresses(origin, address), sentence)
  }
})
