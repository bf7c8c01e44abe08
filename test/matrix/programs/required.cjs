// Prints the exports and the metrics of the package in an application that requires it.
const dynoaiMetrics = require('dynoai-metrics')
const { measure } = require('./scrape.cjs')

async function main () {
  const { statusCode, counts } = await measure(dynoaiMetrics)
  console.log(JSON.stringify({
    exports: Object.keys(dynoaiMetrics).sort(),
    isOne: [dynoaiMetrics.default, dynoaiMetrics.dynoaiMetrics].every(plugin => plugin === dynoaiMetrics),
    statusCode,
    counts
  }))
}

main()
