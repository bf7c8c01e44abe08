import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { filePart } from '../fixtures/multipart-client.js'
import type { UploadClient } from '../fixtures/multipart-client.js'
import { checkUploads } from '../fixtures/upload-case.js'
import type { UploadCase } from '../fixtures/upload-case.js'
import { describeError, waitUntilFull, readUpload } from '../fixtures/upload-run.js'
import type { UploadRun } from '../fixtures/upload-run.js'

const SENT = 300_000

/** Sends a part of a file and leaves when the application says so. */
const leaveAt = (event: string, length = SENT) => async (client: UploadClient, run: UploadRun): Promise<void> => {
  client.sendPartialForm([filePart(length)])
  await run.waitFor(event)
  client.disconnect()
}

/** Reads a file to its error, and says so when `length` bytes have come. */
async function readUntilCut (request: FastifyRequest, run: UploadRun, length = SENT, pause = 0): Promise<void> {
  const { file } = run.addFile((await request.file())!)
  let received = 0
  try {
    for await (const chunk of file) {
      received += chunk.length
      if (received === length) run.signal('all is read')
      if (pause > 0) await sleep(pause)
    }
  } catch (error) {
    run.record(received, describeError(error))
  }
  run.signal('cut')
}

/** A client that has its answer and leaves, while the application reads what was sent, with a pause after each chunk. */
const readsOn = (length: number, pause: number): UploadCase => ({
  client: async (client, run) => {
    client.sendPartialForm([filePart(length)], 50_000)
    run.record(await client.readResponse())
    client.socket.end()
    await run.waitFor('all is read')
  },
  handler: (request, run) => {
    readUntilCut(request, run, length, pause)
    return 'accepted'
  },
  sizes: [length]
})

// A client that leaves …
checkUploads(t, {
  'while the application reads': {
    client: async (client, run) => {
      await leaveAt('all is read')(client, run)
      await run.waitFor('cut')
    },
    handler: async (request, run) => { await readUntilCut(request, run) },
    sizes: [SENT]
  },
  'while the application takes it with toBuffer()': {
    client: async (client, run) => {
      await leaveAt('taken', 1000)(client, run)
      await run.waitFor('cut')
    },
    handler: async (request, run) => {
      const part = run.addFile((await request.file())!)
      run.signal('taken')
      await part.toBuffer().catch(error => run.record(describeError(error)))
      run.signal('cut')
    },
    sizes: [1000]
  },
  'while it is saved': {
    client: async (client, run) => {
      client.sendPartialForm([filePart(1000), filePart(2000)])
      await run.waitFor('saving')
      client.disconnect()
      await run.waitFor('cut')
    },
    handler: async (request, run) => {
      const { parts } = request
      request.parts = async function * () {
        let taken = 0
        for await (const part of parts.call(request)) {
          if (++taken === 2) run.signal('saving')
          yield part
        }
      }
      await request.saveRequestFiles().catch(error => run.record(describeError(error)))
      run.signal('cut')
    },
    sizes: [1000, 2000]
  },
  'while it is attached to the body': {
    multipart: run => ({
      attachFieldsToBody: true,
      onFile: async part => {
        run.signal('attaching')
        await readUpload(part.file, run)
      }
    }),
    client: async (client, run) => {
      await leaveAt('attaching', 1000)(client, run)
      await run.waitFor('read')
    },
    handler: () => 'never',
    sizes: [1000]
  },
  'before the application asks for it': {
    client: async (client, run) => {
      await leaveAt('asked', 1000)(client, run)
      await run.waitFor('gone')
    },
    handler: async (request, run, reply) => {
      run.signal('asked')
      await once(reply.raw, 'close')
      run.record(await Promise.race([request.file().catch(describeError), sleep(50, 'nothing comes')]))
      run.signal('gone')
    },
    sizes: []
  },
  'unnoticed, before the application asks for it': {
    client: async (client, run) => {
      await leaveAt('asked')(client, run)
      await once(client.socket, 'close')
      run.signal('left')
      await run.waitFor('cut')
    },
    handler: async (request, run) => {
      run.signal('asked')
      await run.waitFor('left')
      const { file } = run.addFile((await request.file())!)
      await readUpload(file, run)
      run.signal('cut')
    },
    sizes: [SENT]
  },
  'before the application asks for the second': {
    client: async (client, run) => {
      client.sendPartialForm([filePart(1000), filePart(2000)])
      await run.waitFor('first')
      client.disconnect()
      await run.waitFor('cut')
    },
    handler: async (request, run, reply) => {
      const parts = request.files()
      run.addFile((await parts.next()).value).file.resume()
      run.signal('first')
      await once(reply.raw, 'close')
      const second = run.addFile((await parts.next()).value)
      run.record(second.file.closed)
      await readUpload(second.file, run)
      run.record(await parts.next().catch(describeError))
      run.signal('cut')
    },
    sizes: [1000, 2000]
  },
  'while the application ignores it': {
    client: async (client, run) => {
      await leaveAt('taken', 1000)(client, run)
      await run.waitFor('gone')
    },
    handler: async (request, run, reply) => {
      run.addFile((await request.file())!)
      run.signal('taken')
      await once(reply.raw, 'close')
      run.signal('gone')
    },
    sizes: [1000]
  },
  'when it is answered and the application reads on': {
    client: async (client, run) => {
      client.sendPartialForm([filePart(SENT)])
      run.record(await client.readResponse())
      await run.waitFor('all is read')
      client.disconnect()
    },
    handler: (request, run) => {
      readUntilCut(request, run)
      return 'accepted'
    },
    sizes: [SENT]
  },
  'when it is answered and the application reads on, slowly': readsOn(SENT, 60),
  'when it is answered and the application reads on, slowly, what is all in the buffers': readsOn(200_000, 60),
  'when it is answered and the application reads on, more slowly than it is looked at': readsOn(200_000, 300),
  'when it is answered and the application has ceased to read': {
    pollLimit: 2,
    multipart: { fileHwm: 1000 },
    client: async (client, run) => {
      client.sendPartialForm([filePart(5000)])
      run.record(await client.readResponse())
      client.socket.end()
    },
    handler: async (request, run) => {
      const { file } = run.addFile((await request.file())!)
      file.on('data', () => {}).pause()
      await waitUntilFull(file)
      return 'accepted'
    },
    sizes: [5000]
  }
})
