import { applyFieldOverrides, cacheFieldDisplayNames, FieldType, toDataFrame, transformDataFrame } from '@grafana/data'
import type { DataFrame, DataTransformerConfig, Field, FieldConfigSource, GrafanaTheme2 } from '@grafana/data'
import { lastValueFrom } from 'rxjs'
import type { PanelJson, QueryResult } from '../snapshot.js'
import { fieldOptions } from './registries.js'

/** The default colour mode of each panel type. */
const COLOR_MODES: Readonly<Record<string, string>> = {
  stat: 'thresholds',
  table: 'thresholds',
  timeseries: 'palette-classic'
}

/**
 * Returns the field options of a panel, with the defaults of its type.
 * @throws if the preview does not support an option
 */
export function getFieldConfig ({ type, fieldConfig }: PanelJson): FieldConfigSource {
  const { defaults, overrides } = fieldConfig as FieldConfigSource
  const used = [
    ...Object.keys(defaults).filter(id => id !== 'custom'),
    ...Object.keys(defaults.custom ?? {}).map(id => `custom.${id}`),
    ...overrides.flatMap(({ properties }) => properties.map(({ id }) => id))
  ]
  const unknown = used.find(id => fieldOptions.getIfExists(id) === undefined)
  if (unknown !== undefined) throw new Error(`The preview does not support the field option ${unknown}.`)
  const color = COLOR_MODES[type]
  return { defaults: color === undefined ? defaults : { color: { mode: color }, ...defaults }, overrides }
}

interface FrameOptions {
  readonly results: readonly QueryResult[]
  readonly step: number
  readonly theme: GrafanaTheme2
}

/** Converts query results to the data frames that Grafana's Prometheus data source passes to a panel. */
export async function toFrames (panel: PanelJson, { results, step, theme }: FrameOptions): Promise<DataFrame[]> {
  const raw = results.flatMap(result => {
    if (result.format === 'table') return toTableFrame(result, results.length)
    return result.format === 'heatmap' ? toHeatmapFrame(result, step) : toSeriesFrames(result, step)
  })
  const transformations = (panel.transformations ?? []) as DataTransformerConfig[]
  const data = transformations.length === 0 ? raw : await lastValueFrom(transformDataFrame(transformations, raw))
  const frames = applyFieldOverrides({
    data,
    fieldConfig: getFieldConfig(panel),
    fieldConfigRegistry: fieldOptions,
    replaceVariables: text => text,
    theme,
    timeZone: 'utc'
  })
  cacheFieldDisplayNames(frames)
  return frames
}

const timeField = (values: number[], step: number): Field =>
  ({ name: 'Time', type: FieldType.time, config: { interval: step }, values })

const toSeriesFrames = ({ refId, series }: QueryResult, step: number): DataFrame[] =>
  series.map(({ legend, labels, points }) => toDataFrame({
    refId,
    fields: [
      timeField(points.map(([time]) => time), step),
      {
        name: 'Value',
        type: FieldType.number,
        labels,
        config: { displayNameFromDS: legend },
        values: points.map(([, value]) => value)
      }
    ]
  }))

function toTableFrame ({ refId, series }: QueryResult, queryCount: number): DataFrame[] {
  if (series.length === 0) return []
  const labels = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))]
    .filter(label => label !== '__name__')
    .sort()
  return [toDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, config: {}, values: series.map(({ points }) => points[0]?.[0]) },
      ...labels.map(name => ({
        name,
        type: FieldType.string,
        config: {},
        values: series.map(({ labels }) => labels[name] ?? '')
      })),
      {
        name: queryCount === 1 ? 'Value' : `Value #${refId}`,
        type: FieldType.number,
        config: {},
        values: series.map(({ points }) => points[0]?.[1])
      }
    ]
  })]
}

/** Converts cumulative buckets to a field for each bucket, with the events between two bounds. */
function toHeatmapFrame ({ refId, series }: QueryResult, step: number): DataFrame[] {
  const toNumber = (le = ''): number => le === '+Inf' ? Infinity : Number(le)
  const buckets = [...series].sort((a, b) => toNumber(a.labels['le']) - toNumber(b.labels['le']))
  const times = [...new Set(buckets.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b)
  if (times.length === 0) return []
  const counts = buckets.map(({ points }) => new Map(points))
  return [toDataFrame({
    refId,
    fields: [
      timeField(times, step),
      ...buckets.map(({ labels }, i) => ({
        name: labels['le'] ?? '',
        type: FieldType.number,
        config: {},
        // The rate of each bucket is rounded separately, so the difference may be slightly below 0.
        values: times.map(time => Math.max(0, (counts[i]?.get(time) ?? 0) - (counts[i - 1]?.get(time) ?? 0)))
      }))
    ]
  })]
}
