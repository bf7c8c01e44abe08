import { serveParent } from './child.js'
import { measureHooks, prepareHooks, weighSeries } from './hooks.js'
import { setupOf } from './setups.js'

// Measures the hooks of one setup, with as many routes and statuses as the arguments say.
const [name = '', routes, statuses] = process.argv.slice(2)
const bench = await prepareHooks(setupOf(name), Number(routes))
const bytesPerSeries = weighSeries(bench, Number(statuses))
serveParent({ bytesPerSeries }, () => measureHooks(bench, Number(statuses)), () => process.exit())
