import {
  displayNameOverrideProcessor, FieldConfigOptionsRegistry, identityOverrideProcessor, numberOverrideProcessor,
  standardTransformers, standardTransformersRegistry, stringOverrideProcessor, thresholdsOverrideProcessor,
  unitOverrideProcessor, valueMappingsOverrideProcessor
} from '@grafana/data'
import type { DataTransformerInfo, FieldConfigPropertyItem } from '@grafana/data'

// Grafana fills these registries when it starts. Only the entries that these panels need are added.

export function registerTransformers (): void {
  // One of them is also listed under an older name.
  const transformers = new Set<{ id: string, name: string }>(Object.values(standardTransformers))
  standardTransformersRegistry.setInit(() => [...transformers].map(transformation => ({
    id: transformation.id,
    name: transformation.name,
    transformation: async () => transformation as DataTransformerInfo,
    editor: () => null,
    imageDark: '',
    imageLight: ''
  })))
}

type Process = FieldConfigPropertyItem['process']

const STANDARD: Readonly<Record<string, Process>> = {
  unit: unitOverrideProcessor,
  min: numberOverrideProcessor,
  max: numberOverrideProcessor,
  decimals: numberOverrideProcessor,
  displayName: displayNameOverrideProcessor,
  noValue: stringOverrideProcessor,
  thresholds: thresholdsOverrideProcessor,
  mappings: valueMappingsOverrideProcessor,
  color: identityOverrideProcessor,
  links: identityOverrideProcessor
} as Readonly<Record<string, Process>>

const CUSTOM = [
  // of time series
  'drawStyle', 'lineWidth', 'lineInterpolation', 'lineStyle', 'fillOpacity', 'gradientMode', 'showPoints', 'pointSize',
  'spanNulls', 'stacking', 'thresholdsStyle', 'scaleDistribution', 'hideFrom',
  'axisLabel', 'axisPlacement', 'axisSoftMin', 'axisSoftMax', 'axisWidth',
  // of tables
  'align', 'cellOptions', 'inspect', 'width', 'minWidth', 'wrapText', 'filterable'
]

type ItemOptions = Pick<FieldConfigPropertyItem, 'id' | 'path' | 'isCustom' | 'process'>

const createItem = (options: ItemOptions): FieldConfigPropertyItem => ({
  ...options,
  name: options.id,
  shouldApply: () => true,
  override: () => null,
  editor: () => null
} as unknown as FieldConfigPropertyItem)

/** Field options that the dashboards use. Grafana ignores an unknown option silently; the preview throws an error. */
export const fieldOptions = new FieldConfigOptionsRegistry(() => [
  ...Object.entries(STANDARD).map(([id, process]) => createItem({ id, path: id, isCustom: false, process })),
  ...CUSTOM.map(path => createItem({
    id: `custom.${path}`,
    path,
    isCustom: true,
    process: identityOverrideProcessor as Process
  }))
])
