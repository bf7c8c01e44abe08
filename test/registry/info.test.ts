import t from 'tap'
import { Registry } from 'prom-client'
import { infoMetrics } from '../../lib/registry/info.js'
import { join } from '../../lib/registry/join.js'
import { version } from '../../lib/registry/version.js'
import { readSamples } from '../fixtures/samples.js'

t.test('exposes the versions of application and exporter, always with the value 1', async t => {
  const registry = new Registry()
  join(registry, infoMetrics('shop_', { version: '1.2.3', region: 'eu' }))
  const expected = { 'shop_app_info{version="1.2.3",region="eu"}': 1, [`shop_exporter_info{version="${version}"}`]: 1 }
  t.strictSame(await readSamples(registry), expected)
  registry.resetMetrics()
  t.strictSame(await readSamples(registry), expected)
})
