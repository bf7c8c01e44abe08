import t from 'tap'
import { checksumFrom, checksumOf } from '../../lib/endpoint/checksum.js'
import { createRandom } from '../fixtures/random.js'

// The check value of CRC-32 in catalogues of checksums.
const INPUT = Buffer.from('123456789')
const CHECKSUM = 0xcbf43926

const IMPLEMENTATIONS = [
  ["Node's implementation", checksumOf],
  ['the fallback for older Node', checksumFrom({})]
] as const

for (const [name, checksum] of IMPLEMENTATIONS) {
  t.test(`calculates CRC-32 with ${name}`, async t => {
    t.equal(checksum(INPUT, 0), CHECKSUM)
    t.equal(checksum(INPUT.subarray(4), checksum(INPUT.subarray(0, 4), 0)), CHECKSUM, 'in parts')
    t.equal(checksum(Buffer.alloc(0), 0), 0)
    t.equal(checksum(Buffer.alloc(0), CHECKSUM), CHECKSUM)
  })
}

t.test('calculates the same checksums with both implementations', async t => {
  const fallback = checksumFrom({})
  const { integer } = createRandom(1)
  for (let length = 1; length < 5000; length = length * 2 + 1) {
    const bytes = Buffer.from(Array.from({ length }, () => integer(0, 255)))
    t.equal(fallback(bytes, 7), checksumOf(bytes, 7))
  }
})
