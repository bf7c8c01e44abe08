import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { file } from '../fixtures/multipart-client.js'
import type { UploadClient } from '../fixtures/multipart-client.js'
import { checkUploads } from '../fixtures/upload-case.js'
import type { UploadCase } from '../fixtures/upload-case.js'
import { describeError, filled, read } from '../fixtures/upload-run.js'
import type { Run } from '../fixtures/upload-run.js'

const SENT = 300_000

/** Sends a part of a file and leaves when the application says so. */
const leaveAt = (event: string, length = SENT) => async (client: UploadClient, run: Run): Promise<void> => {
  client.postPartly([file(length)])
  await run.when(event)
  client.leave()
}

/** Reads a file to its error, and says so when `length` bytes have come. */
async function readUntilCut (request: FastifyRequest, run: Run, length = SENT, pause = 0): Promise<void> {
  const { file } = run.take((await request.file())!)
  let received = 0
  try {
    for await (const chunk of file) {
      received += chunk.length
      if (received === length) run.say('all is read')
      if (pause > 0) await sleep(pause)
    }
  } catch (error) {
    run.see(received, describeError(error))
  }
  run.say('cut')
}

/** A client that has its answer and leaves, while the application reads what was sent, with a pause after each chunk. */
const readsOn = (length: number, pause: number): UploadCase => ({
  client: async (client, run) => {
    client.postPartly([file(length)], 50_000)
    run.see(await client.answer())
    client.socket.end()
    await run.when('all is read')
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
      await run.when('cut')
    },
    handler: async (request, run) => { await readUntilCut(request, run) },
    sizes: [SENT]
  },
  'while the application takes it with toBuffer()': {
    client: async (client, run) => {
      await leaveAt('taken', 1000)(client, run)
      await run.when('cut')
    },
    handler: async (request, run) => {
      const part = run.take((await request.file())!)
      run.say('taken')
      await part.toBuffer().catch(error => run.see(describeError(error)))
      run.say('cut')
    },
    sizes: [1000]
  },
  'while it is saved': {
    client: async (client, run) => {
      client.postPartly([file(1000), file(2000)])
      await run.when('saving')
      client.leave()
      await run.when('cut')
    },
    handler: async (request, run) => {
      const { parts } = request
      request.parts = async function * () {
        let taken = 0
        for await (const part of parts.call(request)) {
          if (++taken === 2) run.say('saving')
          yield part
        }
      }
      await request.saveRequestFiles().catch(error => run.see(describeError(error)))
      run.say('cut')
    },
    sizes: [1000, 2000]
  },
  'while it is attached to the body': {
    multipart: run => ({
      attachFieldsToBody: true,
      onFile: async part => {
        run.say('attaching')
        await read(part.file, run)
      }
    }),
    client: async (client, run) => {
      await leaveAt('attaching', 1000)(client, run)
      await run.when('read')
    },
    handler: () => 'never',
    sizes: [1000]
  },
  'before the application asks for it': {
    client: async (client, run) => {
      await leaveAt('asked', 1000)(client, run)
      await run.when('gone')
    },
    handler: async (request, run, reply) => {
      run.say('asked')
      await once(reply.raw, 'close')
      run.see(await Promise.race([request.file().catch(describeError), sleep(50, 'nothing comes')]))
      run.say('gone')
    },
    sizes: []
  },
  'unnoticed, before the application asks for it': {
    client: async (client, run) => {
      await leaveAt('asked')(client, run)
      await once(client.socket, 'close')
      run.say('left')
      await run.when('cut')
    },
    handler: async (request, run) => {
      run.say('asked')
      await run.when('left')
      const { file } = run.take((await request.file())!)
      await read(file, run)
      run.say('cut')
    },
    sizes: [SENT]
  },
  'before the application asks for the second': {
    client: async (client, run) => {
      client.postPartly([file(1000), file(2000)])
      await run.when('first')
      client.leave()
      await run.when('cut')
    },
    handler: async (request, run, reply) => {
      const parts = request.files()
      run.take((await parts.next()).value).file.resume()
      run.say('first')
      await once(reply.raw, 'close')
      const second = run.take((await parts.next()).value)
      run.see(second.file.closed)
      await read(second.file, run)
      run.see(await parts.next().catch(describeError))
      run.say('cut')
    },
    sizes: [1000, 2000]
  },
  'while the application ignores it': {
    client: async (client, run) => {
      await leaveAt('taken', 1000)(client, run)
      await run.when('gone')
    },
    handler: async (request, run, reply) => {
      run.take((await request.file())!)
      run.say('taken')
      await once(reply.raw, 'close')
      run.say('gone')
    },
    sizes: [1000]
  },
  'when it is answered and the application reads on': {
    client: async (client, run) => {
      client.postPartly([file(SENT)])
      run.see(await client.answer())
      await run.when('all is read')
      client.leave()
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
    patience: 2,
    multipart: { fileHwm: 1000 },
    client: async (client, run) => {
      client.postPartly([file(5000)])
      run.see(await client.answer())
      client.socket.end()
    },
    handler: async (request, run) => {
      const { file } = run.take((await request.file())!)
      file.on('data', () => {}).pause()
      await filled(file)
      return 'accepted'
    },
    sizes: [5000]
  }
})
