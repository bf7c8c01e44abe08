import { burnRates } from './burn-rates.js'
import { business } from './business.js'
import { metricsAlerts } from './metrics.js'
import { presence } from './presence.js'
import { requestAlerts } from './requests.js'
import type { RuleFile } from './rule.js'
import { runtime } from './runtime.js'

/** The alerts. */
export const alertRules: RuleFile = {
  comment: 'Alerting rules. A `page` alert needs action at once, a `ticket` alert can wait until working hours. Each ' +
    '`runbook_url` begins with the address that `--runbook-base` of the generator gives, or else with the external ' +
    'label `runbook_base` of Prometheus. Without both, it is a path in the repository of dynoai-metrics. The rules ' +
    'contain no job name. They apply to every job that has, or recently had, dynoai_exporter_info.',
  groups: [burnRates, requestAlerts, presence, runtime, business, metricsAlerts]
}
