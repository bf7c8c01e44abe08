import { Writable } from 'node:stream'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createBytes, filePart, formBody } from '../fixtures/multipart-client.js'
import { checkUploads, POLL_WAIT_MS } from '../fixtures/upload-case.js'
import { digest, waitUntilFull, readUpload } from '../fixtures/upload-run.js'
import type { UploadRun } from '../fixtures/upload-run.js'

/** Reads in steps of some milliseconds. */
async function readSlowly (part: { file: AsyncIterable<Buffer> }, run: UploadRun): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of part.file) {
    chunks.push(chunk)
    await sleep(15)
  }
  run.record(digest(Buffer.concat(chunks)))
  run.signal('read')
}

checkUploads(t, {
  'a small file that nobody consumes': {
    form: [filePart(1000)],
    handler: async (request, run) => {
      run.addFile((await request.file())!)
      return 'ignored'
    },
    sizes: [1000]
  },
  'a large file that nobody consumes, up to what was parsed': {
    pollLimit: 2,
    form: [filePart(2_000_000)],
    handler: async (request, run) => {
      await waitUntilFull(run.addFile((await request.file())!).file)
      return 'ignored'
    },
    sizes: 'bytesRead'
  },
  'several small files that nobody consumes': {
    form: [filePart(1000), filePart(2000), filePart(0)],
    handler: async (request, run) => {
      const parts = request.files()
      for (let n = 0; n < 3; n++) run.addFile((await parts.next()).value)
      return 'ignored'
    },
    sizes: [1000, 2000, 0]
  },
  'a file that comes after the answer, and nobody consumes': {
    client: async (client, run) => {
      const [start, end] = [formBody([filePart(1000)], { closed: false }), createBytes(500)]
      client.sendHead({ length: start.length + end.length })
      client.socket.write(start)
      run.record(await client.readResponse())
      client.socket.write(end)
    },
    handler: async (request, run) => {
      run.addFile((await request.file())!)
      return 'ignored'
    },
    sizes: [1500]
  },
  'a file that is being read when the answer is sent': {
    form: [filePart(1_000_000)],
    client: async (client, run) => {
      client.sendForm([filePart(1_000_000)])
      await run.waitFor('read')
    },
    handler: async (request, run, reply) => {
      const part = run.addFile((await request.file())!)
      await reply.send('accepted')
      await readSlowly(part, run)
    },
    sizes: [1_000_000]
  },
  'a file that is piped to a slow consumer when the answer is sent': {
    client: async (client, run) => {
      client.sendForm([filePart(500_000)])
      await run.waitFor('piped')
    },
    handler: async (request, run) => {
      const write = (_chunk: Buffer, _encoding: string, done: () => void): void => { setTimeout(done, 50) }
      run.addFile((await request.file())!).file.pipe(new Writable({ write })).on('finish', () => run.signal('piped'))
      return 'accepted'
    },
    sizes: [500_000]
  },
  'a file that comes slowly, after the answer, and is thrown away': {
    client: async (client, run) => {
      const [start, end] = [formBody([filePart(1000)], { closed: false }), formBody([filePart(1000)])]
      client.sendHead({ length: start.length + end.length })
      client.socket.write(start)
      run.record(await client.readResponse())
      await sleep(POLL_WAIT_MS)
      client.socket.write(end)
      await run.waitFor('thrown away')
    },
    handler: async (request, run) => {
      run.addFile((await request.file())!).file.resume().on('close', () => run.signal('thrown away'))
      return 'accepted'
    },
    sizes: 'bytesRead'
  },
  'a file that is read only after the answer': {
    client: async (client, run) => {
      client.sendForm([filePart(1_000_000)])
      await run.waitFor('read')
    },
    handler: async (request, run, reply) => {
      const { file } = run.addFile((await request.file())!)
      reply.raw.once('close', () => setImmediate(readUpload, file, run))
      return 'accepted'
    },
    sizes: [1_000_000]
  },
  'a file that is read only long after the answer': {
    client: async (client, run) => {
      client.sendForm([filePart(1_000_000)])
      await run.waitFor('read')
    },
    handler: async (request, run) => {
      setTimeout(readUpload, POLL_WAIT_MS, run.addFile((await request.file())!).file, run)
      return 'accepted'
    },
    sizes: [1_000_000]
  },
  'a file that is read only long after the answer, when its client has sent it and left': {
    multipart: { fileHwm: 1000 },
    client: async (client, run) => {
      const body = formBody([filePart(3000)])
      client.sendHead({ length: body.length, close: true })
      client.socket.write(body.subarray(0, 2000))
      await run.waitFor('filled')
      client.socket.write(body.subarray(2000))
      run.record(await client.readResponse())
      await run.waitFor('read')
    },
    handler: async (request, run) => {
      const part = run.addFile((await request.file())!)
      await waitUntilFull(part.file)
      run.signal('filled')
      while (!request.raw.complete) await turn()
      setTimeout(readUpload, POLL_WAIT_MS, part.file, run)
      return 'accepted'
    },
    sizes: [3000]
  },
  'a file whose reader rests for longer than a file without a reader is looked at': {
    pollLimit: 1,
    multipart: { fileHwm: 1000 },
    client: async (client, run) => {
      client.sendForm([filePart(30_000)])
      run.record(await client.readResponse())
      await run.waitFor('read')
    },
    handler: async (request, run) => {
      const { file } = run.addFile((await request.file())!)
      file.on('data', () => {}).pause().on('close', () => run.signal('read'))
      setTimeout(() => file.resume(), 2 * POLL_WAIT_MS)
      return 'accepted'
    },
    sizes: [30_000]
  },
  'a file that is read on when its client has closed the connection': {
    client: async (client, run) => {
      client.sendForm([filePart(120_000)], { close: true })
      run.record(await client.readResponse())
      await run.waitFor('read')
    },
    handler: async (request, run) => {
      readSlowly(run.addFile((await request.file())!), run)
      return 'accepted'
    },
    sizes: [120_000]
  },
  'a large file that is read on when its client has sent it and left': {
    client: async (client, run) => {
      client.sendForm([filePart(1_000_000)])
      run.record(await client.readResponse())
      client.socket.end()
      await run.waitFor('read')
    },
    handler: async (request, run) => {
      readSlowly(run.addFile((await request.file())!), run)
      return 'accepted'
    },
    sizes: [1_000_000]
  },
  'files that the application asks for after the answer': {
    client: async (client, run) => {
      client.sendForm([filePart(1000), filePart(2000), filePart(3000)])
      await run.waitFor('read')
    },
    handler: async (request, run, reply) => {
      const parts = request.files()
      await readUpload(run.addFile((await parts.next()).value).file, run)
      reply.raw.once('close', async () => {
        run.addFile((await parts.next()).value).file.resume()
        run.addFile((await parts.next()).value)
        run.signal('read')
      })
      return 'accepted'
    },
    sizes: [1000, 2000, 3000]
  }
})
