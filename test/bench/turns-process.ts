import { serveParent } from './child.js'
import { exposeSeries } from './exposed.js'

// A server of as many series as the arguments say. While it answers, each turn of its event loop takes as many milliseconds
// as the header `x-turn` of the request says.
const [name = '', series] = process.argv.slice(2)
const { fastify } = await exposeSeries(name, Number(series))
let taken = NaN

fastify.server.on('request', (request, response) => {
  const milliseconds = Number(request.headers['x-turn'])
  let turns = 0
  let isOver = false
  const turn = (): void => {
    if (isOver) return
    turns++
    const until = performance.now() + milliseconds
    while (performance.now() < until);
    setImmediate(turn)
  }
  setImmediate(turn)
  response.once('finish', () => {
    isOver = true
    taken = turns
  })
})

serveParent({ origin: fastify.listeningOrigin }, () => ({ turns: taken }), () => process.exit())
