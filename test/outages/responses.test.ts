import t from 'tap'
import { Responses } from './responses.js'

t.test('lists the responses that clients did not get, or too few times', async t => {
  const responses = new Responses()
  responses.add('a', '/', 200)
  responses.add('a', '/', 200)
  responses.add('a', '/full', 503)
  responses.add('b', '/full', 429)
  const judge = (expected: Readonly<Record<string, number>>): string[] =>
    responses.judge([{ job: 'a', responses: expected }, { job: 'b' }])
  t.strictSame(judge({}), [])
  t.strictSame(judge({ '/ 200': 2, '/full 503': 1 }), [])
  t.strictSame(judge({ '/ 200': 3, '/full 429': 1 }), [
    'a: / 200 came 2 times, not 3', 'a: /full 429 came 0 times, not 1'
  ])
})
