/** What a client gets from the endpoint. Not by `inject`, which needs a Node that can `require` ES modules: 20.19, 22.12. */
exports.scrape = async fastify => {
  const address = await fastify.listen({ host: '127.0.0.1', port: 0 })
  const response = await fetch(`${address}/metrics`)
  return { statusCode: response.status, body: await response.text() }
}
