import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { equals, filterInstances, group, matches, max, select } from './promql.js'
import type { Matchers } from './promql.js'
import { DATASOURCE } from './variables.js'

/** Alerts of the rules of dynoai-metrics. One without an instance is for the whole job, one without a job for all. */
export const OUR_ALERTS: Matchers = {
  alertname: matches('Dynoai.+'), job: matches('$job|'), instance: matches('$instance|')
}
export const FIRING: Matchers = { ...OUR_ALERTS, alertstate: equals('firing') }

const annotate = (name: string, color: string, expr: string): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder().name(name).datasource(DATASOURCE).enable(true).iconColor(color).expr(expr)

/** Keeps what exists now, and did not exist before. */
const begins = (now: string, before: string): string => `(${now}) unless (${before})`

// The value of the series is the start time. So each start is marked at its exact time, also that of a new process.
function annotateStarts (): AnnotationQueryBuilder {
  const starts = max(filterInstances(select('process_start_time_seconds')), ['job', 'instance', 'worker'])
  // The join fails if an instance has two versions, as it has while its processes are restarted one after another.
  const versions = `topk by (job, instance) (1, ${group(select('dynoai_app_info'), ['job', 'instance', 'version'])})`
  return annotate('Starts', 'blue', `${starts} * on (job, instance) group_left (version) ${versions} * 1000`)
    .useValueForTime(true)
    .titleFormat('Start of {{job}}')
    .textFormat('{{version}} on {{instance}} {{worker}}')
    .tagKeys('job,instance,worker,version')
}

// A version is new if it has no sample in the hour before the previous step. With a shorter range, a version would
// count as new after an interruption.
function annotateNewVersions (): AnnotationQueryBuilder {
  const versions = select('dynoai_app_info')
  const by = ['job', 'version']
  const expr = begins(group(versions, by), group(`last_over_time(${versions}[1h] offset $__interval)`, by))
  return annotate('New versions', 'purple', expr)
    .titleFormat('New version')
    .textFormat('{{job}} {{version}}')
    .tagKeys('job,version')
}

// Only the step in which an alert begins to fire. An alert can be shorter than a step, and a step shorter than the
// interval in which alerts are evaluated. So both the samples of the step and the latest sample are read.
function annotateAlerts (): AnnotationQueryBuilder {
  const firing = select('ALERTS', FIRING)
  const seen = (offset: string): string => {
    const by = ['job', 'instance', 'alertname', 'severity']
    return `${group(`last_over_time(${firing}[$__interval]${offset})`, by)} or ${group(`${firing}${offset}`, by)}`
  }
  return annotate('Alerts', 'red', begins(seen(''), seen(' offset $__interval')))
    .titleFormat('{{alertname}} fires')
    .textFormat('{{severity}} for {{job}} {{instance}}')
    .tagKeys('alertname,severity,job,instance')
}

/** What happened to the service: marks over the lines of every panel. All are queries, which need no access token. */
export const annotations = (): AnnotationQueryBuilder[] =>
  [annotateStarts(), annotateNewVersions(), annotateAlerts()]
