import t from 'tap'
import { checksumFrom, checksumOf } from '../../lib/endpoint/checksum.js'
import { createRandom } from '../fixtures/random.js'

// The check value of CRC-32, as catalogues of checksums give it.
const CHECK = [Buffer.from('123456789'), 0xcbf43926] as const

for (const [name, checksum] of [["Node's checksum", checksumOf], ['one where Node has none', checksumFrom({})]] as const) {
  t.test(name, async t => {
    t.equal(checksum(CHECK[0], 0), CHECK[1])
    t.equal(checksum(CHECK[0].subarray(4), checksum(CHECK[0].subarray(0, 4), 0)), CHECK[1], 'in parts')
    t.equal(checksum(Buffer.alloc(0), 0), 0)
    t.equal(checksum(Buffer.alloc(0), CHECK[1]), CHECK[1])
  })
}

t.test('both give the same', async t => {
  const table = checksumFrom({})
  const { integer } = createRandom(1)
  for (let length = 1; length < 5000; length = length * 2 + 1) {
    const bytes = Buffer.from(Array.from({ length }, () => integer(0, 255)))
    t.equal(table(bytes, 7), checksumOf(bytes, 7))
  }
})
