import t from 'tap'
import { DiskSpace, type UploadSpace } from '../../../../examples/dynoai-api/runs/disk-space.js'

async function * chunksOf (sizes: number[], read: number[] = []): AsyncGenerator<Uint8Array> {
  for (const size of sizes) {
    read.push(size)
    yield new Uint8Array(size)
  }
}

async function store (space: UploadSpace, sizes: number[], read?: number[]): Promise<number[]> {
  const stored = []
  for await (const { length } of space.count(chunksOf(sizes, read))) stored.push(length)
  return stored
}

t.test('limits the bytes of all uploads, and gets back those of a deleted one', async t => {
  const disk = new DiskSpace(10)
  const [first, second] = [disk.open(), disk.open()]
  t.strictSame(await store(first, [4, 2]), [4, 2])
  const read: number[] = []
  const error = { statusCode: 429, message: 'Too many logs are being received. Try again in a few seconds.' }
  await t.rejects(store(second, [3, 2, 1], read), error)
  t.strictSame(read, [3, 2, 1], 'reads to the end')
  second.free()
  second.free()
  t.strictSame(await store(disk.open(), [4]), [4])
  await t.rejects(store(disk.open(), [1]), error)
  first.free()
  t.strictSame(await store(disk.open(), [6]), [6])
})
