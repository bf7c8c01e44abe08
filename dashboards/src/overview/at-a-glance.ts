import type { Row } from '../panels/index.js'
import { alerts, serverErrorsByRoute } from './errors.js'
import { exceptionCount, firingAlerts, metricFaults, scrapeRefusals, targetsUp } from './health-stats.js'
import {
  apdexScore, errorRatio, errorsLeft, inFlight, requestRate, slowest, slowLeft
} from './request-stats.js'

/** What the person on call needs first. It fits on a screen with a height of 900 pixels. */
export const atAGlance: Row = {
  title: 'At a glance',
  panels: [
    firingAlerts, targetsUp, errorRatio, slowest, requestRate, inFlight,
    scrapeRefusals, exceptionCount, errorsLeft, slowLeft, apdexScore, metricFaults,
    alerts, serverErrorsByRoute.height(10)
  ]
}
