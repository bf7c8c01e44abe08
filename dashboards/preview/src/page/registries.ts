import {
  displayNameOverrideProcessor, FieldConfigOptionsRegistry, identityOverrideProcessor, numberOverrideProcessor,
  standardTransformers, standardTransformersRegistry, stringOverrideProcessor, thresholdsOverrideProcessor,
  unitOverrideProcessor
} from '@grafana/data'
import type { FieldConfigPropertyItem } from '@grafana/data'

// Grafana fills these registries when it starts. Only the entries that these panels need are added.

export function registerTransformers (): void {
  const { mergeTransformer, organizeFieldsTransformer } = standardTransformers
  standardTransformersRegistry.setInit(() => [mergeTransformer, organizeFieldsTransformer].map(transformation => ({
    id: transformation.id,
    name: transformation.name,
    transformation: async () => transformation,
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
  color: identityOverrideProcessor,
  links: identityOverrideProcessor
} as Readonly<Record<string, Process>>

const CUSTOM = [
  'lineWidth', 'fillOpacity', 'showPoints', 'stacking', 'thresholdsStyle', 'scaleDistribution', 'align', 'inspect',
  'cellOptions', 'axisSoftMin', 'minWidth', 'width'
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
