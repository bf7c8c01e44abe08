/** A rule that records a series. */
export interface RecordingRule {
  readonly record: string
  readonly expr: string
}

/** A rule that raises an alert. */
export interface AlertRule {
  /** Why the rule is as it is. Written above the rule. */
  readonly comment?: string
  readonly alert: string
  readonly expr: string
  /** How long the expression must have a result. @default the first result raises the alert */
  readonly for?: string
  readonly severity: 'page' | 'ticket'
  /** Labels that distinguish the alert from others of the same name. */
  readonly labels?: Readonly<Record<string, string>>
  readonly summary: string
  readonly description: string
}

/** Rules that Prometheus evaluates one after another. */
export interface RuleGroup {
  readonly comment?: string
  readonly name: string
  /** @default the evaluation interval of Prometheus */
  readonly interval?: string
  readonly rules: ReadonlyArray<RecordingRule | AlertRule>
}

/** A rule file. */
export interface RuleFile {
  readonly comment: string
  readonly groups: readonly RuleGroup[]
}

/** An instance, for summaries and descriptions. */
export const INSTANCE = '{{ $labels.instance }} of {{ $labels.job }}'
/** A process, for summaries and descriptions. A single process behind a target has no number. */
export const PROCESS = '{{ $labels.instance }}{{ with $labels.worker }} (worker {{ . }}){{ end }} of {{ $labels.job }}'
