import { serveParent } from './child.js'
import { measureHooks, prepareHooks, measureBytesPerSeries } from './hooks.js'
import { setupOf } from './setups.js'

// Measures the hooks of one setup. Arguments: setup, number of routes, number of status codes.
const [name = '', routes, statuses] = process.argv.slice(2)
const bench = await prepareHooks(setupOf(name), Number(routes))
const bytesPerSeries = measureBytesPerSeries(bench, Number(statuses))
serveParent({ bytesPerSeries }, () => measureHooks(bench, Number(statuses)), () => process.exit())
