import t from 'tap'
import { methodLabel, pathLabel } from '../../lib/requests/labels.js'

t.test('a method is one of the nine standard methods or _OTHER', async t => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']) {
    t.equal(methodLabel(method), method)
  }
  for (const method of ['PROPFIND', 'get', '', '__proto__', 'QUERY']) t.equal(methodLabel(method), '_OTHER')
})

t.test('a path is the template of the route or __unmatched__', async t => {
  t.equal(pathLabel('/api/status/:runId'), '/api/status/:runId')
  t.equal(pathLabel(''), '')
  t.equal(pathLabel(undefined), '__unmatched__')
})
