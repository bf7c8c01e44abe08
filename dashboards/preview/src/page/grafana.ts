import {
  displayNameOverrideProcessor, FieldConfigOptionsRegistry, identityOverrideProcessor, numberOverrideProcessor, standardTransformers,
  standardTransformersRegistry, stringOverrideProcessor, thresholdsOverrideProcessor, unitOverrideProcessor
} from '@grafana/data'
import type { FieldConfigPropertyItem } from '@grafana/data'

// What Grafana sets up when it starts, as far as these panels need it.

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

const CUSTOM = ['lineWidth', 'fillOpacity', 'showPoints', 'stacking', 'thresholdsStyle', 'scaleDistribution', 'align', 'inspect', 'cellOptions']

const item = (id: string, path: string, isCustom: boolean, process: Process): FieldConfigPropertyItem =>
  ({ id, path, name: id, isCustom, process, shouldApply: () => true, override: () => null, editor: () => null } as unknown as FieldConfigPropertyItem)

/** Options of fields that the dashboards set; another one would be left out silently by Grafana, and is an error here. */
export const fieldOptions = new FieldConfigOptionsRegistry(() => [
  ...Object.entries(STANDARD).map(([id, process]) => item(id, id, false, process)),
  ...CUSTOM.map(path => item(`custom.${path}`, path, true, identityOverrideProcessor as Process))
])
