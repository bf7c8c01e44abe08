import t from 'tap'
import { negotiateFormat, wantsGzip } from '../../lib/exposition/negotiate.js'
import { openMetricsEncoder as openMetrics, textEncoder as text } from '../../lib/exposition/text-encoder.js'
import type { Encoder } from '../../lib/exposition/encoder.js'

const OPENMETRICS = 'application/openmetrics-text'
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily'
/** The last elements of the headers of Prometheus 2.42. */
const PROMETHEUS_2 = `${OPENMETRICS};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`
/** The last elements of the header of Prometheus 3. */
const PROMETHEUS_3 = [
  `${OPENMETRICS};version=0.0.1;q=0.5`,
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4',
  'text/plain;version=0.0.4;q=0.3',
  '*/*;q=0.2'
].join()

const ACCEPT: ReadonlyArray<readonly [accept: string | undefined, format: Encoder]> = [
  [undefined, text],
  ['', text],
  ['*/*', text],
  ['text/*', text],
  ['application/*', text],
  ['text/plain', text],
  ['text/html', text],
  [OPENMETRICS, openMetrics],
  ['Application/OpenMetrics-Text', openMetrics],
  [`${OPENMETRICS}; version=1.0.0; charset=utf-8`, openMetrics],
  [`${OPENMETRICS}; VERSION="1.0.0"`, openMetrics],
  [`${OPENMETRICS}; version="1.0\\.0"`, openMetrics],
  [`${OPENMETRICS};version=0.0.1`, text],
  [`${OPENMETRICS};version=2.0.0,text/plain;q=0.1`, text],
  // Prometheus 2.42 without and with native histograms.
  [`${OPENMETRICS};version=1.0.0,${PROMETHEUS_2}`, openMetrics],
  [`${PROTOBUF};encoding=delimited,${OPENMETRICS};version=1.0.0;q=0.8,${PROMETHEUS_2}`, openMetrics],
  // Prometheus 3.
  [`${OPENMETRICS};version=1.0.0;escaping=allow-utf-8;q=0.6,${PROMETHEUS_3}`, openMetrics],
  ['text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.2', text],
  [`text/plain;version=0.0.4;q=0.6,${OPENMETRICS};version=1.0.0;q=0.5`, text],
  [`text/plain, ${OPENMETRICS}`, text],
  [`${OPENMETRICS}, text/plain`, openMetrics],
  [`${OPENMETRICS};q=0.5, */*`, text],
  [`${OPENMETRICS}, */*`, openMetrics],
  [`*/*, ${OPENMETRICS}`, openMetrics],
  [`text/*;q=0.2, */*, ${OPENMETRICS};q=0.5`, openMetrics],
  [`${OPENMETRICS};q=0`, text],
  [`${OPENMETRICS};q=0.0, text/plain;q=0`, text],
  [`text/plain;q=0, ${OPENMETRICS};q=0.001`, openMetrics],
  // Malformed elements are ignored.
  [`${OPENMETRICS};q=abc, text/plain;q=0.1`, text],
  [`${OPENMETRICS};q=2`, text],
  [`${OPENMETRICS};q=-1`, text],
  [`,;,=,"${OPENMETRICS}`, text],
  [`;q=1,${OPENMETRICS}`, openMetrics],
  [`text/html;title="a,b;q=1\\"",${OPENMETRICS}`, openMetrics],
  [`text/html;title=",${OPENMETRICS}"`, text]
]

t.test('chooses the format that a scraper prefers', async t => {
  for (const [accept, format] of ACCEPT) t.equal(negotiateFormat(accept), format, String(accept))
})

const ACCEPT_ENCODING: ReadonlyArray<readonly [acceptEncoding: string | undefined, gzip: boolean]> = [
  [undefined, false],
  ['', false],
  ['gzip', true],
  ['GZIP', true],
  ['x-gzip', true],
  ['gzip, deflate, br', true],
  ['deflate, br', false],
  ['*', true],
  ['*;q=0', false],
  ['gzip;q=0', false],
  ['gzip;q=0, *', false],
  ['gzip;q=0.5', true],
  ['gzip;q=0.5, identity', false],
  ['gzip;q=0.5, identity;q=0.5', true],
  ['identity;q=0.1, *;q=0.5', true],
  ['gzip;q=x', false],
  ['identity', false]
]

t.test('compresses unless a scraper prefers no compression', async t => {
  for (const [acceptEncoding, gzip] of ACCEPT_ENCODING) t.equal(wantsGzip(acceptEncoding), gzip, String(acceptEncoding))
})
