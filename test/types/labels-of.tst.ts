import { expect, test } from 'tstyche'
import type { FreeLabelValue, LabelsOf } from '../../lib/index.js'

interface Definition<Labels, Defaults = {}> {
  readonly type: 'counter'
  readonly help: string
  readonly labels: Labels
  readonly defaults: Defaults
}

test('a listed label accepts its values', () => {
  expect<LabelsOf<Definition<{ readonly status: readonly ['ok', 'failed'] }>>>().type
    .toBe<{ readonly status: 'ok' | 'failed' }>()
})

test('a label with an empty list, or a list without `as const`, accepts any string, number or boolean', () => {
  expect<LabelsOf<Definition<{ readonly shop: readonly [] }>>>().type.toBe<{ readonly shop: FreeLabelValue }>()
  expect<LabelsOf<Definition<{ shop: never[] }>>>().type.toBe<{ readonly shop: FreeLabelValue }>()
  expect<LabelsOf<Definition<{ shop: string[] }>>>().type.toBe<{ readonly shop: FreeLabelValue }>()
  expect<FreeLabelValue>().type.toBe<string | number | boolean>()
})

test('a label with a default is optional and accepts undefined', () => {
  type Labels = { readonly status: readonly ['ok', 'failed'], readonly shop: readonly [] }
  expect<LabelsOf<Definition<Labels, { readonly status: 'ok' }>>>().type
    .toBe<{ readonly shop: FreeLabelValue, readonly status?: 'ok' | 'failed' | undefined }>()
  expect<LabelsOf<Definition<Labels, { readonly status: 'ok', readonly shop: 'north' }>>>().type
    .toBe<{ readonly shop?: FreeLabelValue | undefined, readonly status?: 'ok' | 'failed' | undefined }>()
})

test('a metric without labels accepts none', () => {
  expect<LabelsOf<{ readonly type: 'counter', readonly help: string }>>().type.toBe<Record<string, never>>()
  expect<LabelsOf<Definition<{}>>>().type.toBe<Record<string, never>>()
})
