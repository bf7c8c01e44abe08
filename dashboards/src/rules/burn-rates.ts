import { AVAILABILITY, BURN_LIMITS, LATENCY, requestRateSeries } from '../objectives.js'
import type { BurnLimit, Objective } from '../objectives.js'
import { budget } from '../requests.js'
import { secondsOf, wordsOf } from './durations.js'
import type { AlertRule, RuleGroup } from './rule.js'

/** Fewer bad requests raise no alert. On a service with few requests a single one is a high ratio. */
const MIN_BAD_REQUESTS = 10

/** An objective, and how its alerts describe it. */
interface Burn {
  readonly alert: string
  readonly objective: Objective
  /** Completes "of the requests in the last hour …". */
  readonly happened: string
}

const BURNS: readonly Burn[] = [
  { alert: 'DynoaiAvailabilityBudgetBurn', objective: AVAILABILITY, happened: 'failed with a 5xx' },
  { alert: 'DynoaiLatencyBudgetBurn', objective: LATENCY, happened: 'took longer than a second' }
]

/** The alerts on how fast the error budgets are used. */
export const burnRates: RuleGroup = {
  comment: 'The objectives over 30 days: 99.9 % of requests without a 5xx, and 99 % within a second. A burn rate of ' +
    '1 uses up the budget in exactly 30 days. The long window shows that the problem is significant. The short ' +
    'window shows that it continues, so the alert ends soon after its cause. An alert needs at least ten bad ' +
    'requests, because on a service with few requests a single one is a high ratio. `for` is between 1/30 and 1/72 ' +
    'of the long window: longer than the errors of a deployment, too short to delay an important alert.',
  name: 'dynoai-burn-rates',
  rules: BURNS.flatMap(burn => BURN_LIMITS.map(limit => burnAlert(burn, limit)))
}

function burnAlert (burn: Burn, limit: BurnLimit): AlertRule {
  const { alert, objective, happened } = burn
  const { long, short, factor, severity } = limit
  const recorded = (window: string): string => objective.recordedSeries(window)
  const bound = `${factor} * ${budget(objective)}`
  const objectiveName = objective.name.toLowerCase()
  return {
    alert,
    expr: `${recorded(long)} > ${bound}
and ${recorded(short)} > ${bound}
and ${recorded(long)} * ${requestRateSeries(long)} * ${secondsOf(long)} >= ${MIN_BAD_REQUESTS}`,
    for: limit.for,
    severity,
    labels: { long_window: long, short_window: short },
    summary: factor === 1
      ? `{{ $labels.job }} spends its ${objectiveName} budget too fast`
      : `{{ $labels.job }} spends its ${objectiveName} budget ${factor} times too fast`,
    description: '{{ $value | humanizePercentage }} of the requests to {{ $labels.job }} in the last ' +
      `${wordsOf(long)} ${happened}. ${describeLimit(objective, limit)}`
  }
}

function describeLimit (objective: Objective, { factor, short }: BurnLimit): string {
  const percent = (ratio: number): string => `${Number((100 * ratio).toFixed(4))} %`
  return factor === 1
    ? `The objective allows ${percent(budget(objective))}. The last ${wordsOf(short)} also exceed this limit.`
    : `The limit is ${percent(budget(objective, factor))}, which is ${factor} times what the objective allows. ` +
      `The last ${wordsOf(short)} also exceed the limit.`
}
