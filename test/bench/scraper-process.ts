import { request } from 'node:http'
import { serveParent } from './child.js'

// Scrapes an endpoint once a second, as Prometheus does. Each request of the parent process starts or stops it.
// Argument: URL.
const [url = ''] = process.argv.slice(2)
let timer: NodeJS.Timeout | undefined
let scrapes = 0
const headers = {
  accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  'accept-encoding': 'gzip'
}

function scrape (): void {
  request(url, { headers, agent: false }, response => {
    response.resume()
    response.on('end', () => { scrapes++ })
  }).end()
}

serveParent({}, () => {
  if (timer === undefined) timer = setInterval(scrape, 1000)
  else {
    clearInterval(timer)
    timer = undefined
  }
  const completed = scrapes
  scrapes = 0
  return { scrapes: completed }
}, () => process.exit())
