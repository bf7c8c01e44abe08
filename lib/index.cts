import plugin = require('./plugin.js')

// `require` returns the plugin itself. fastify-plugin has added the properties `default` and `dynoaiMetrics` to it.
export = plugin.dynoaiMetrics
