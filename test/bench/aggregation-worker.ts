import { AggregatorRegistry, Histogram } from 'prom-client'
import { DEFINITION, itemOf, NAME, valueOf } from './shared-series.js'

// A worker with series of prom-client. Argument: the number of series.
const registry = new AggregatorRegistry() // listens to the primary
const { help, buckets } = DEFINITION
const options = { name: NAME, help, labelNames: ['item'], buckets: [...buckets], registers: [registry] }
const histogram = new Histogram(options)
for (let i = 0; i < Number(process.argv[2]); i++) histogram.observe({ item: itemOf(i) }, valueOf(i, 0))
AggregatorRegistry.setRegistries(registry)
process.send?.('ready')
