import plugin = require('./plugin.js')

// The plugin itself; fastify-plugin has put `default` and `dynoaiMetrics` on it.
export = plugin.dynoaiMetrics
