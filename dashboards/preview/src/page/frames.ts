import { applyFieldOverrides, cacheFieldDisplayNames, FieldType, toDataFrame, transformDataFrame } from '@grafana/data'
import type { DataFrame, DataTransformerConfig, Field, FieldConfigSource, GrafanaTheme2 } from '@grafana/data'
import { lastValueFrom } from 'rxjs'
import type { PanelJson, Result } from '../picture.js'
import { fieldOptions } from './grafana.js'

/** How fields are coloured unless a panel says so: the preset of each type of panel. */
const COLOR_MODES: Readonly<Record<string, string>> = { stat: 'thresholds', table: 'thresholds', timeseries: 'palette-classic' }

/** The options of a panel's fields, with the presets of its type. */
export function fieldConfigOf ({ type, fieldConfig }: PanelJson): FieldConfigSource {
  const { defaults, overrides } = fieldConfig as FieldConfigSource
  const used = [...Object.keys(defaults).filter(id => id !== 'custom'), ...Object.keys(defaults.custom ?? {}).map(id => `custom.${id}`),
    ...overrides.flatMap(({ properties }) => properties.map(({ id }) => id))]
  for (const id of used) if (fieldOptions.getIfExists(id) === undefined) throw new Error(`The preview does not know the option ${id}.`)
  const color = COLOR_MODES[type]
  return { defaults: color === undefined ? defaults : { color: { mode: color }, ...defaults }, overrides }
}

/** The answers as Grafana's data source for Prometheus hands them to a panel. */
export async function framesOf (panel: PanelJson, results: readonly Result[], step: number, theme: GrafanaTheme2): Promise<DataFrame[]> {
  const raw = results.flatMap(result => result.format === 'table'
    ? tableFrame(result, results.length)
    : result.format === 'heatmap' ? heatmapFrame(result, step) : seriesFrames(result, step))
  const transformations = (panel.transformations ?? []) as DataTransformerConfig[]
  const data = transformations.length === 0 ? raw : await lastValueFrom(transformDataFrame(transformations, raw))
  const frames = applyFieldOverrides({
    data,
    fieldConfig: fieldConfigOf(panel),
    fieldConfigRegistry: fieldOptions,
    replaceVariables: text => text,
    theme,
    timeZone: 'utc'
  })
  cacheFieldDisplayNames(frames)
  return frames
}

const times = (values: number[], step: number): Field => ({ name: 'Time', type: FieldType.time, config: { interval: step }, values })

const seriesFrames = ({ refId, series }: Result, step: number): DataFrame[] => series.map(({ legend, labels, points }) => toDataFrame({
  refId,
  fields: [
    times(points.map(([time]) => time), step),
    { name: 'Value', type: FieldType.number, labels, config: { displayNameFromDS: legend }, values: points.map(([, value]) => value) }
  ]
}))

function tableFrame ({ refId, series }: Result, queries: number): DataFrame[] {
  if (series.length === 0) return []
  const labels = [...new Set(series.flatMap(one => Object.keys(one.labels)))].filter(label => label !== '__name__').sort()
  return [toDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, config: {}, values: series.map(({ points }) => points[0]?.[0]) },
      ...labels.map(name => ({ name, type: FieldType.string, config: {}, values: series.map(one => one.labels[name] ?? '') })),
      { name: queries === 1 ? 'Value' : `Value #${refId}`, type: FieldType.number, config: {}, values: series.map(({ points }) => points[0]?.[1]) }
    ]
  })]
}

/** Of buckets that count all below a bound, one field each that counts what is between two bounds. */
function heatmapFrame ({ refId, series }: Result, step: number): DataFrame[] {
  const bound = (le = ''): number => le === '+Inf' ? Infinity : Number(le)
  const buckets = [...series].sort((a, b) => bound(a.labels['le']) - bound(b.labels['le']))
  const all = [...new Set(buckets.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b)
  if (all.length === 0) return []
  const counts = buckets.map(({ points }) => new Map(points))
  return [toDataFrame({
    refId,
    fields: [
      times(all, step),
      ...buckets.map(({ labels }, i) => ({
        name: labels['le'] ?? '',
        type: FieldType.number,
        config: {},
        // A rate of each bucket is rounded for itself.
        values: all.map(time => Math.max(0, (counts[i]?.get(time) ?? 0) - (counts[i - 1]?.get(time) ?? 0)))
      }))
    ]
  })]
}
