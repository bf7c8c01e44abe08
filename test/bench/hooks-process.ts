import { serveParent } from './child.js'
import { fillSeries, measureHooks, prepareHooks } from './hooks.js'
import { setupOf } from './setups.js'

// Measures the hooks of one setup, with as many routes and statuses as the arguments say.
const [name = '', routes, statuses] = process.argv.slice(2)
const bench = await prepareHooks(setupOf(name), Number(routes))
const bytesPerSeries = fillSeries(bench, Number(statuses))
serveParent({ bytesPerSeries }, () => measureHooks(bench, Number(statuses)), () => process.exit())
