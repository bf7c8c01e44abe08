import { readFile } from 'node:fs/promises'
import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { createBytes, filePart } from '../fixtures/multipart-client.js'
import { checkUploads } from '../fixtures/upload-case.js'
import { digest, waitUntilFull, readUpload } from '../fixtures/upload-run.js'
import type { UploadRun } from '../fixtures/upload-run.js'

const field = { name: 'note', content: 'cold start' }

const slowSink = (): Writable => new Writable({
  highWaterMark: 1024,
  write: (_chunk, _encoding, done) => { setTimeout(done, 5) }
})

const failingSink = (): Writable => new Writable({
  write: (_chunk, _encoding, done) => { done(new Error('disk full')) }
})

/** Pipes the file to a consumer that fails. */
async function pipeToFailingSink (request: FastifyRequest, run: UploadRun): Promise<string> {
  const sink = run.addFile((await request.file())!).file.pipe(failingSink())
  await new Promise(resolve => sink.once('error', resolve))
  return 'failed'
}

checkUploads(t, {
  'request.file(), read chunk by chunk': {
    form: [filePart(3000)],
    handler: async (request, run) => await readUpload(run.addFile((await request.file())!).file, run),
    sizes: [3000],
    observations: [
      { type: 'file', fieldname: 'log', filename: 'log.csv', mimetype: 'text/csv', encoding: '7bit', fields: ['log'] },
      digest(createBytes(3000)), 'truncated false', '200 read'
    ]
  },
  'request.file() after a field, and toBuffer()': {
    form: [field, filePart(3000)],
    handler: async (request, run) => digest(await run.addFile((await request.file())!).toBuffer()),
    sizes: [3000]
  },
  'request.file() on a form without a file': {
    form: [field],
    handler: async request => String(await request.file()),
    sizes: [],
    observations: ['200 undefined']
  },
  'request.files() with several files': {
    form: [filePart(1000, 'a', 'x'), field, filePart(200_000, 'b', 'y'), filePart(300, 'c', 'z')],
    handler: async (request, run) => {
      for await (const part of request.files()) await readUpload(run.addFile(part).file, run)
      return 'done'
    },
    sizes: [1000, 200_000, 300]
  },
  'request.parts() with fields and files under one name': {
    form: [filePart(1000), field, filePart(70_000), filePart(1)],
    handler: async (request, run) => {
      for await (const part of request.parts()) {
        if (part.type === 'file') run.record(digest(await run.addFile(part).toBuffer()))
        else run.record(part.value)
      }
      return 'done'
    },
    sizes: [1000, 70_000, 1]
  },
  'request.parts() without a for loop': {
    form: [filePart(1000), filePart(2000)],
    handler: async (request, run) => {
      const parts = request.parts()
      const first = (await parts.next()).value as MultipartFile
      run.record(digest(await first.toBuffer()), await parts.return?.(), await parts.next())
      return 'done'
    },
    sizes: [1000]
  },
  'request.saveRequestFiles()': {
    form: [filePart(1000), filePart(100_000, 'b', 'y')],
    handler: async (request, run) => {
      const { files, values } = await request.saveRequestFiles()
      for (const saved of files) run.record(digest(await readFile(saved.filepath)), saved.filename)
      run.record((await request.saveRequestFiles()).files.length)
      return Object.keys(values)
    },
    sizes: [1000, 100_000]
  },
  'request.saveRequestFiles() into a directory that does not exist': {
    form: [filePart(1000)],
    handler: async (request, run) => {
      await request.saveRequestFiles({ tmpdir: '/nowhere/to/be/found' }).catch(error => run.record(error.code))
      return 'done'
    },
    sizes: [1000],
    observations: ['ENOENT', '200 done']
  },
  'attachFieldsToBody: true': {
    multipart: { attachFieldsToBody: true },
    form: [field, filePart(1000)],
    handler: async (request, run) => {
      const body = request.body as { log: MultipartFile, note: { value: string } }
      run.record(Object.keys(body), digest(await body.log.toBuffer()), body.note.value)
      return 'done'
    },
    sizes: [1000]
  },
  'attachFieldsToBody: true, then saveRequestFiles()': {
    multipart: { attachFieldsToBody: true },
    form: [field, filePart(1000)],
    handler: async request => digest(await readFile((await request.saveRequestFiles()).files[0]!.filepath)),
    sizes: [1000]
  },
  'attachFieldsToBody: true with onFile': {
    multipart: run => ({
      attachFieldsToBody: true,
      onFile: async part => { await readUpload(run.addFile(part).file, run) }
    }),
    form: [filePart(1000), field, filePart(2000)],
    handler: async request => Object.keys(request.body as object),
    sizes: [1000, 2000]
  },
  'attachFieldsToBody: \'keyValues\'': {
    multipart: { attachFieldsToBody: 'keyValues' },
    form: [field, filePart(1000), filePart(2000)],
    handler: async (request, run) => {
      const { note, log } = request.body as { note: string, log: Buffer[] }
      run.record(note, ...log.map(digest))
      return 'done'
    },
    sizes: [1000, 2000]
  },
  'attachFieldsToBody: \'keyValues\' with onFile': {
    multipart: run => ({
      attachFieldsToBody: 'keyValues',
      onFile: async part => { part.value = digest(await run.addFile(part).toBuffer()) }
    }),
    form: [filePart(1000), field],
    handler: async request => request.body,
    sizes: [1000]
  },
  'an empty file': {
    form: [filePart(0), filePart(10)],
    handler: async (request, run) => {
      for await (const part of request.files()) await readUpload(run.addFile(part).file, run)
      return 'done'
    },
    sizes: [0, 10]
  },
  'pipeline() to a slow consumer': {
    form: [filePart(300_000)],
    handler: async (request, run) => {
      await pipeline(run.addFile((await request.file())!).file, slowSink())
      return 'done'
    },
    sizes: [300_000]
  },
  'file.pipe() to a consumer that fails': {
    form: [filePart(1000)],
    handler: pipeToFailingSink,
    sizes: [1000]
  },
  'file.pipe() to a consumer that fails, with a file that is not parsed yet': {
    pollLimit: 2,
    form: [filePart(1_000_000)],
    handler: async (request, run) => {
      const response = await pipeToFailingSink(request, run)
      await waitUntilFull(run.files[0]!)
      return response
    },
    sizes: 'bytesRead'
  },
  'pipeline() to a consumer that fails, with a large file': {
    form: [filePart(500_000)],
    handler: async (request, run) => {
      await pipeline(run.addFile((await request.file())!).file, new PassThrough(), failingSink())
    },
    sizes: 'bytesRead'
  },
  'a file that is read through events': {
    form: [filePart(1000)],
    handler: async (request, run, reply) => {
      const { file } = run.addFile((await request.file())!)
      run.record(file.readableFlowing, file.eventNames())
      file.on('data', chunk => run.record(chunk.length)).on('end', () => { reply.send('done') })
      return reply
    },
    sizes: [1000],
    // The listeners of multipart: this plugin adds only one to `close`.
    observations: [
      { type: 'file', fieldname: 'log', filename: 'log.csv', mimetype: 'text/csv', encoding: '7bit', fields: ['log'] },
      null, ['close', 'error', 'end', 'limit'], 1000, '200 done'
    ]
  }
})
