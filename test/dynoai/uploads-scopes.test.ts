import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyRequest, InjectOptions } from 'fastify'
import t from 'tap'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { DynoaiMetricsOptions, MetricDefinitions } from '../../lib/types/index.js'
import { createFastify, listen } from '../fixtures/app.js'
import { filePart, formBody, UploadClient } from '../fixtures/multipart-client.js'
import { readSamples } from '../fixtures/samples.js'
import { readObservedFiles, waitForObservedFiles, createUploadApp } from '../fixtures/upload-case.js'

const metrics = { runtimeMetrics: false }

async function receive (request: FastifyRequest): Promise<string> {
  return String((await (await request.file())!.toBuffer()).length)
}

async function upload (app: FastifyInstance): Promise<string> {
  const client = await UploadClient.connect(await listen(app))
  client.sendForm([filePart(1234)])
  const response = await client.readResponse()
  client.disconnect()
  return response
}

t.test('observes an upload in whichever order and scope multipart is registered', async t => {
  const registrations: Record<string, (app: FastifyInstance) => void> = {
    'before the plugin': app => {
      app.register(multipart).register(dynoaiMetrics, metrics)
      app.post('/', receive)
    },
    'after the plugin': app => {
      app.register(dynoaiMetrics, metrics).register(multipart)
      app.post('/', receive)
    },
    'after the routes, like the plugin': app => {
      app.post('/', receive)
      app.register(dynoaiMetrics, metrics).register(multipart)
    },
    'in a child scope only': app => {
      app.register(dynoaiMetrics, metrics)
      app.register(async child => {
        await child.register(multipart)
        child.post('/', receive)
      })
    },
    'in a child scope that was registered before the plugin': app => {
      app.register(async child => {
        await child.register(multipart)
        child.post('/', receive)
      })
      app.register(dynoaiMetrics, metrics)
    }
  }
  for (const [order, build] of Object.entries(registrations)) {
    const app = createFastify(t)
    build(app)
    t.equal(await upload(app), '200 1234', order)
    t.strictSame(await waitForObservedFiles(app, 1), { count: 1, sum: 1234 }, order)
  }
})

t.test('measures nothing outside the scope of its registration', async t => {
  const app = createFastify(t)
  await app.register(multipart)
  let measured: FastifyInstance | undefined
  await app.register(async child => {
    await child.register(dynoaiMetrics, metrics)
    measured = child
  })
  app.post('/', receive)
  t.equal(await upload(app), '200 1234')
  t.strictSame(await readObservedFiles(measured!), { count: 0, sum: 0 })
})

t.test('does not change requests when uploads are not measured', async t => {
  const options: DynoaiMetricsOptions[] = [
    { uploads: false }, { uploads: false, dynoai: false }, { enabled: false }, { enabled: false, dynoai: false }
  ]
  for (const option of options) {
    const app = await createUploadApp(t, true, {}, option)
    app.post('/', async request => {
      t.notOk(Object.hasOwn(request, 'file'), JSON.stringify(option))
      return await receive(request)
    })
    t.equal(await upload(app), '200 1234')
    t.strictSame(await readObservedFiles(app), { count: 0, sum: 0 })
  }
})

t.test('without DynoAI metrics, observes uploads and accepts observations of the application', async t => {
  const options: DynoaiMetricsOptions[] = [
    { dynoai: false }, { dynoai: false, requests: false }, { dynoai: false, maxSeries: 1 }
  ]
  for (const option of options) {
    const app = await createUploadApp(t, true, {}, option)
    app.post('/', receive)
    t.equal(await upload(app), '200 1234')
    t.strictSame(await waitForObservedFiles(app, 1), { count: 1, sum: 1234 }, JSON.stringify(option))
    app.metrics.fileUploadBytes.observe(66)
    t.strictSame(await readObservedFiles(app), { count: 2, sum: 1300 }, JSON.stringify(option))
  }
  const prefixed = await createUploadApp(t, true, {}, { dynoai: false, metricPrefix: 'shop' })
  prefixed.metrics.fileUploadBytes.observe(66)
  t.match(await readSamples(prefixed.metrics.registry), { shop_file_upload_bytes_sum: 66 })
})

t.test('when uploads are not measured, accepts observations of the application only with DynoAI metrics', async t => {
  for (const dynoai of [true, false]) {
    const app = await createUploadApp(t, true, {}, { uploads: false, dynoai })
    app.metrics.fileUploadBytes.observe(66)
    const expected = dynoai ? { dynoai_file_upload_bytes_sum: 66 } : {}
    t.strictSame(await readSamples(app.metrics.registry, 'dynoai_file_upload_bytes_sum'), expected)
  }
})

/** The samples whose names begin like the upload metric of this plugin or `mine`. */
async function uploadSamples ({ metrics: { registry } }: FastifyInstance): Promise<Record<string, number>> {
  return { ...await readSamples(registry, 'dynoai_file_upload_bytes'), ...await readSamples(registry, 'mine') }
}

t.test('without DynoAI metrics, an application metric replaces the upload metric, and observes no uploads', async t => {
  const histogram = { type: 'histogram', help: 'Mine', buckets: [1] } as const
  const gauge = { type: 'gauge', help: 'Mine' } as const
  const zero = (name: string): Record<string, number> =>
    ({ [`${name}_bucket{le="1"}`]: 0, [`${name}_bucket{le="+Inf"}`]: 0, [`${name}_sum`]: 0, [`${name}_count`]: 0 })
  const cases: ReadonlyArray<readonly [what: string, metrics: MetricDefinitions, expected: Record<string, number>]> = [
    ['the property', { fileUploadBytes: histogram }, zero('dynoai_file_upload_bytes')],
    ['the property, under another name', { fileUploadBytes: { ...histogram, name: 'mine' } }, zero('mine')],
    ['the property, of another type', { fileUploadBytes: gauge }, { dynoai_file_upload_bytes: 0 }],
    ['the name', { received: { ...histogram, name: 'dynoai_file_upload_bytes' } }, zero('dynoai_file_upload_bytes')],
    [
      'the name of a sample',
      { received: { ...gauge, name: 'dynoai_file_upload_bytes_count' } },
      { dynoai_file_upload_bytes_count: 0 }
    ]
  ]
  for (const [what, metrics, expected] of cases) {
    for (const requests of [{}, false] as const) {
      const app = await createUploadApp(t, true, {}, { dynoai: false, requests, metrics })
      app.post('/', async request => {
        t.notOk(Object.hasOwn(request, 'file'), what)
        return await receive(request)
      })
      t.equal(await upload(app), '200 1234', what)
      t.strictSame(await uploadSamples(app), expected, what)
      // When the application uses only the name, the property is the plugin's handle, which does nothing.
      if (Object.hasOwn(metrics, 'received')) app.metrics.fileUploadBytes.observe(5)
      t.strictSame(await uploadSamples(app), expected, what)
    }
  }
})

t.test('without DynoAI metrics, keeps the upload metric next to an application metric with a similar name', async t => {
  const metrics = { fileUploadBytesTotal: { type: 'counter', help: 'Mine' } } as const
  const app = await createUploadApp(t, true, {}, { dynoai: false, metrics })
  app.post('/', receive)
  t.equal(await upload(app), '200 1234')
  t.strictSame(await waitForObservedFiles(app, 1), { count: 1, sum: 1234 })
  t.match(await uploadSamples(app), { dynoai_file_upload_bytes_total: 0 })
})

t.test('with DynoAI metrics, rejects an application metric that would replace the upload metric', async t => {
  const histogram = { type: 'histogram', help: 'Mine' } as const
  const sameProperty = createUploadApp(t, true, {}, { metrics: { fileUploadBytes: histogram } })
  await t.rejects(sameProperty, { code: 'DYNOAI_METRICS_ERR_DEFINITION' })
  for (const uploads of [true, false]) {
    const metrics = { received: { ...histogram, name: 'dynoai_file_upload_bytes' } }
    await t.rejects(createUploadApp(t, true, {}, { uploads, metrics }), { code: 'DYNOAI_METRICS_ERR_NAME_TAKEN' })
  }
})

t.test('works without multipart', async t => {
  const app = createFastify(t)
  await app.register(dynoaiMetrics, metrics)
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })
  app.post('/', async request => {
    t.notOk(Object.hasOwn(request, 'file'))
    return String((request.body as Buffer).length)
  })
  t.equal(await upload(app), `200 ${formBody([filePart(1234)]).length}`)
  t.strictSame(await readObservedFiles(app), { count: 0, sum: 0 })
})

t.test('ignores the decorators of other upload plugins', async t => {
  for (const names of [['isMultipart'], ['parts']]) {
    const app = createFastify(t)
    await app.register(dynoaiMetrics, metrics)
    for (const name of names) app.decorateRequest(name as 'is404', (() => true) as unknown as boolean)
    app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, _body, done) => { done(null) })
    app.post('/', async request => String(request.file))
    t.equal(await upload(app), '200 undefined', String(names))
  }
})

t.test('does not change requests that are not uploads', async t => {
  const app = await createUploadApp(t, true)
  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT'],
    url: '/',
    handler: async (request, reply) => {
      const isChanged = Object.hasOwn(request, 'file')
      const isMultipart = request.isMultipart()
      await reply.headers({ changed: String(isChanged), multipart: String(isMultipart) }).send()
    }
  })
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }
  const requests: Readonly<Record<string, InjectOptions>> = {
    JSON: { method: 'POST', payload: { a: 1 } },
    'no body': { method: 'POST' },
    GET: { headers },
    HEAD: { method: 'HEAD', headers }
  }
  for (const [what, request] of Object.entries(requests)) {
    const { headers: { changed, multipart } } = await app.inject({ url: '/', ...request })
    t.strictSame({ changed, multipart }, { changed: 'false', multipart: 'false' }, what)
  }
  t.strictSame(await readObservedFiles(app), { count: 0, sum: 0 })
})

t.test('fails as multipart does when a request is not an upload', async t => {
  const responses = []
  for (const measured of [true, false]) {
    const app = await createUploadApp(t, measured)
    app.post('/', async request => await request.file())
    app.addContentTypeParser('multipart/form-datagram', (_request, _body, done) => { done(null) })
    for (const type of ['application/json', 'multipart/form-datagram', 'multipart/form-data']) {
      const headers = { 'content-type': type }
      const { statusCode, body } = await app.inject({ method: 'POST', url: '/', headers, payload: '{}' })
      responses.push(`${type} ${statusCode} ${body}`)
    }
  }
  t.strictSame(responses.slice(0, 3), responses.slice(3))
})

t.test('observes uploads of every method, in whichever case their type is written', async t => {
  const app = await createUploadApp(t, true)
  app.route({ method: ['PUT', 'PATCH', 'DELETE', 'POST'], url: '/', handler: receive })
  const client = await UploadClient.connect(await listen(app))
  const heads = [
    { method: 'PUT' }, { method: 'PATCH' }, { method: 'DELETE' },
    { type: 'Multipart/Form-Data' }, { type: 'MULTIPART/FORM-DATA' }
  ]
  for (const head of heads) {
    client.sendForm([filePart(10)], head)
    t.equal(await client.readResponse(), '200 10', JSON.stringify(head))
  }
  client.disconnect()
  t.strictSame(await waitForObservedFiles(app, 5), { count: 5, sum: 50 })
})

t.test('observes injected uploads', async t => {
  const app = await createUploadApp(t, true)
  app.post('/read', receive)
  app.post('/ignored', async request => { await request.file() })
  const headers = { 'content-type': 'multipart/form-data; boundary=multipart-boundary' }
  await app.inject({ method: 'POST', url: '/read', headers, payload: formBody([filePart(10)]) })
  await app.inject({ method: 'POST', url: '/ignored', headers, payload: formBody([filePart(20)]) })
  t.strictSame(await waitForObservedFiles(app, 2), { count: 2, sum: 30 })
})

t.test('counts the uploads of two measured applications separately', async t => {
  const apps = [Fastify(), Fastify()]
  for (const app of apps) {
    t.teardown(() => app.close())
    await app.register(multipart).register(dynoaiMetrics, metrics)
    app.post('/', receive)
  }
  await Promise.all(apps.map(upload))
  for (const app of apps) t.strictSame(await waitForObservedFiles(app, 1), { count: 1, sum: 1234 })
})
