import { writeDashboards } from './write.js'

await writeDashboards('dashboards')
