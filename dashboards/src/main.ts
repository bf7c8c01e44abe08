import { readRunbookBase } from './runbook-base.js'
import { writeDashboards } from './write.js'

await writeDashboards('dashboards', readRunbookBase(process.argv.slice(2)))
