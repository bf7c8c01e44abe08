import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard'

/** A base colour, and the colours that replace it from a value on. */
export type Thresholds = readonly [base: string, ...steps: Array<readonly [from: number, color: string]>]

export const buildThresholds = ([base, ...steps]: Thresholds): ThresholdsConfigBuilder => new ThresholdsConfigBuilder()
  .mode(ThresholdsMode.Absolute)
  .steps([{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))])
