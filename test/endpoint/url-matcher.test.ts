import t from 'tap'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { urlMatcher } from '../../lib/endpoint/url-matcher.js'

const SERVERS: readonly FastifyServerOptions[] = [
  {},
  { ignoreTrailingSlash: true },
  { ignoreDuplicateSlashes: true },
  { caseSensitive: false },
  { useSemicolonDelimiter: true },
  { routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true } },
  { routerOptions: { caseSensitive: false, useSemicolonDelimiter: true } as object },
  { ignoreTrailingSlash: true, routerOptions: { caseSensitive: false } }
]

const PATHS = ['/metrics', '/Metrics/', '//a//b', '/mé%20t%', '/']

const URLS = [
  ...PATHS, '/metrics/', '/metrics//', '//metrics', '/METRICS', '/metrics?a=/b', '/metrics?', '/metrics#a',
  '/metrics;a', '/metrics;a?b', '/%6detrics', '/%6Detrics/', '/%6detrics?%', '/metrics%2F', '/metrics%3Fa',
  '/metrics%3B', '/%2Fmetrics', '/%256detrics', '/%25%36detrics', '/metricsx', '/x/metrics', '/metric', '', '//', '/?a',
  'http://h/metrics', 'HTTPS://h:1/metrics?x', '/a/b', '/a/b/', '//a/b', '/A//b', '/m%C3%A9%2520t%25', '/m%c3%a9%20t%',
  '/M%C3%89%2520t%25', '/%zz', '/%', '/metrics%', '/%ff', '/metrics\ud800'
]

/** The body of the response to a URL. `inject` would rewrite the URL. */
async function bodyOf (fastify: FastifyInstance, url: string): Promise<string> {
  return await new Promise(resolve => {
    const noop = (): void => {}
    const request = { method: 'GET', url, headers: {}, socket: {}, on: noop, once: noop, httpVersionMajor: 1 }
    const response = {
      setHeader: noop,
      once: noop,
      on: noop,
      removeListener: noop,
      getHeader: noop,
      hasHeader: noop,
      writeHead: noop,
      end (body = '') { resolve(String(body)) }
    }
    fastify.routing(request as never, response as never)
  })
}

t.test('matches the URLs that the router of the instance matches', async t => {
  for (const server of SERVERS) {
    for (const path of PATHS) {
      const fastify = Fastify(server)
      fastify.get(path, async () => 'matched')
      await fastify.ready()
      const matches = urlMatcher(fastify, path)
      for (const url of URLS) {
        const isMatched = await bodyOf(fastify, url) === 'matched'
        t.equal(matches(url), isMatched, `${JSON.stringify(server)} ${path} ${url}`)
      }
    }
  }
})

t.test('does not match a URL that is not a path', async t => {
  const matches = urlMatcher(Fastify(), '/')
  // The router does not compare the first character of a URL where '/' is its only route.
  for (const url of ['?', '*', '#']) t.equal(matches(url), false, url)
})

t.test('takes time in proportion to the length of the URL', async t => {
  const fastify = Fastify({ ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, useSemicolonDelimiter: true })
  const matches = urlMatcher(fastify, '/metrics')
  for (const part of ['/', '%25', '%', '%6d', 'http://', ';', '?', 'é']) {
    const url = `/${part.repeat(200_000)}`
    t.equal(matches(url), false, part)
  }
})
