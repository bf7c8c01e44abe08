import { Writable } from 'node:stream'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createBytes, filePart, formBody } from '../fixtures/multipart-client.js'
import type { UploadClient } from '../fixtures/multipart-client.js'
import { checkUploads, POLL_WAIT_MS } from '../fixtures/upload-case.js'
import { describeError, digest, waitUntilFull, readUpload } from '../fixtures/upload-run.js'
import type { UploadRun } from '../fixtures/upload-run.js'

/** Sends a form with one file, and waits until the application signals the event. */
const sendFile = (length: number, event = 'read') => async (client: UploadClient, run: UploadRun): Promise<void> => {
  client.sendForm([filePart(length)])
  await run.waitFor(event)
}

/** Starts to read without waiting for the end. An error is recorded, and the client then waits in vain. */
function readInBackground (run: UploadRun, read: () => Promise<unknown>): void {
  read().catch(error => run.record(describeError(error)))
}

/** Reads with a pause after each chunk. */
async function readSlowly (part: { file: AsyncIterable<Buffer> }, run: UploadRun): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of part.file) {
    chunks.push(chunk)
    await sleep(15)
  }
  run.record(digest(Buffer.concat(chunks)))
  run.signal('read')
}

// A file that …
checkUploads(t, {
  'is small and never read': {
    form: [filePart(1000)],
    handler: async (request, run) => {
      run.addFile((await request.file())!)
      return 'ignored'
    },
    sizes: [1000]
  },
  'is large and never read, up to the parsed bytes': {
    pollLimit: 2,
    form: [filePart(2_000_000)],
    handler: async (request, run) => {
      await waitUntilFull(run.addFile((await request.file())!).file)
      return 'ignored'
    },
    sizes: 'bytesRead'
  },
  'is one of several small files that are never read': {
    form: [filePart(1000), filePart(2000), filePart(0)],
    handler: async (request, run) => {
      const parts = request.files()
      for (let n = 0; n < 3; n++) run.addFile((await parts.next()).value)
      return 'ignored'
    },
    sizes: [1000, 2000, 0]
  },
  'is received after the response and never read': {
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
  'is being read when the response is sent': {
    client: sendFile(1_000_000),
    handler: async (request, run, reply) => {
      const part = run.addFile((await request.file())!)
      await reply.send('accepted')
      await readSlowly(part, run)
    },
    sizes: [1_000_000]
  },
  'is piped to a slow consumer when the response is sent': {
    client: sendFile(500_000, 'piped'),
    handler: async (request, run) => {
      const write = (_chunk: Buffer, _encoding: string, done: () => void): void => { setTimeout(done, 50) }
      run.addFile((await request.file())!).file.pipe(new Writable({ write })).on('finish', () => run.signal('piped'))
      return 'accepted'
    },
    sizes: [500_000]
  },
  'is received slowly after the response and is discarded': {
    client: async (client, run) => {
      const [start, end] = [formBody([filePart(1000)], { closed: false }), formBody([filePart(1000)])]
      client.sendHead({ length: start.length + end.length })
      client.socket.write(start)
      run.record(await client.readResponse())
      await sleep(POLL_WAIT_MS)
      client.socket.write(end)
      await run.waitFor('discarded')
    },
    handler: async (request, run) => {
      run.addFile((await request.file())!).file.resume().on('close', () => run.signal('discarded'))
      return 'accepted'
    },
    sizes: 'bytesRead'
  },
  'is read only after the response': {
    client: sendFile(1_000_000),
    handler: async (request, run, reply) => {
      const { file } = run.addFile((await request.file())!)
      reply.raw.once('close', () => setImmediate(readInBackground, run, () => readUpload(file, run)))
      return 'accepted'
    },
    sizes: [1_000_000]
  },
  'is read only long after the response': {
    client: sendFile(1_000_000),
    handler: async (request, run) => {
      const { file } = run.addFile((await request.file())!)
      setTimeout(readInBackground, POLL_WAIT_MS, run, () => readUpload(file, run))
      return 'accepted'
    },
    sizes: [1_000_000]
  },
  'is read only long after the response, when its client has disconnected after sending it': {
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
      const { file } = run.addFile((await request.file())!)
      await waitUntilFull(file)
      run.signal('filled')
      while (!request.raw.complete) await turn()
      setTimeout(readInBackground, POLL_WAIT_MS, run, () => readUpload(file, run))
      return 'accepted'
    },
    sizes: [3000]
  },
  'has a reader that pauses for longer than the idle polls of an unread file': {
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
  'is still being read when its client has closed the connection': {
    client: async (client, run) => {
      client.sendForm([filePart(120_000)], { close: true })
      run.record(await client.readResponse())
      await run.waitFor('read')
    },
    handler: async (request, run) => {
      const part = run.addFile((await request.file())!)
      readInBackground(run, () => readSlowly(part, run))
      return 'accepted'
    },
    sizes: [120_000]
  },
  'is large and still being read when its client has disconnected after sending it': {
    client: async (client, run) => {
      client.sendForm([filePart(1_000_000)])
      run.record(await client.readResponse())
      client.socket.end()
      await run.waitFor('read')
    },
    handler: async (request, run) => {
      const part = run.addFile((await request.file())!)
      readInBackground(run, () => readSlowly(part, run))
      return 'accepted'
    },
    sizes: [1_000_000]
  },
  'is requested by the application after the response': {
    client: async (client, run) => {
      client.sendForm([filePart(1000), filePart(2000), filePart(3000)])
      await run.waitFor('read')
    },
    handler: async (request, run, reply) => {
      const parts = request.files()
      await readUpload(run.addFile((await parts.next()).value).file, run)
      reply.raw.once('close', () => readInBackground(run, async () => {
        run.addFile((await parts.next()).value).file.resume()
        run.addFile((await parts.next()).value)
        run.signal('read')
      }))
      return 'accepted'
    },
    sizes: [1000, 2000, 3000]
  }
})
