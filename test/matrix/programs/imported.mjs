// Prints the exports and the metrics of the package in an application that imports it.
import * as exported from 'dynoai-metrics'
import { measure } from './scrape.cjs'

const { default: dynoaiMetrics, dynoaiMetrics: named } = exported
const { statusCode, counts } = await measure(dynoaiMetrics)
console.log(JSON.stringify({
  exports: Object.keys(exported).sort(), isOne: named === dynoaiMetrics, statusCode, counts
}))
