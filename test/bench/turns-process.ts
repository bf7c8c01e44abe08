import { serveParent } from './child.js'
import { createScrapeTarget } from './scrape-target.js'

// A server with many series. While it responds, each turn of its event loop takes as many milliseconds as the request
// header `x-turn` says. Arguments: name of the scrape target, number of series.
const [name = '', series] = process.argv.slice(2)
const { fastify } = await createScrapeTarget(name, Number(series))
let lastTurns = NaN

fastify.server.on('request', (request, response) => {
  const milliseconds = Number(request.headers['x-turn'])
  let turns = 0
  let isFinished = false
  const turn = (): void => {
    if (isFinished) return
    turns++
    const until = performance.now() + milliseconds
    while (performance.now() < until);
    setImmediate(turn)
  }
  setImmediate(turn)
  response.once('finish', () => {
    isFinished = true
    lastTurns = turns
  })
})

serveParent({ origin: fastify.listeningOrigin }, () => ({ turns: lastTurns }), () => process.exit())
