import { readFile } from 'node:fs/promises'
import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { bytes, file } from '../fixtures/multipart-client.js'
import { checkUploads } from '../fixtures/upload-case.js'
import { digest, filled, read } from '../fixtures/upload-run.js'
import type { Run } from '../fixtures/upload-run.js'

const field = { name: 'note', content: 'cold start' }

const slowSink = (): Writable => new Writable({
  highWaterMark: 1024,
  write: (_chunk, _encoding, done) => { setTimeout(done, 5) }
})

const failingSink = (): Writable => new Writable({
  write: (_chunk, _encoding, done) => { done(new Error('disk full')) }
})

async function failToPipe (request: FastifyRequest, run: Run): Promise<string> {
  const sink = run.take((await request.file())!).file.pipe(failingSink())
  await new Promise(resolve => sink.once('error', resolve))
  return 'failed'
}

checkUploads(t, {
  'request.file(), read chunk by chunk': {
    form: [file(3000)],
    handler: async (request, run) => await read(run.take((await request.file())!).file, run),
    sizes: [3000],
    seen: [
      { type: 'file', fieldname: 'log', filename: 'log.csv', mimetype: 'text/csv', encoding: '7bit', fields: ['log'] },
      digest(bytes(3000)), 'truncated false', '200 read'
    ]
  },
  'request.file() after a field, and toBuffer()': {
    form: [field, file(3000)],
    handler: async (request, run) => digest(await run.take((await request.file())!).toBuffer()),
    sizes: [3000]
  },
  'request.file() on a form without a file': {
    form: [field],
    handler: async request => String(await request.file()),
    sizes: [],
    seen: ['200 undefined']
  },
  'request.files() with several files': {
    form: [file(1000, 'a', 'x'), field, file(200_000, 'b', 'y'), file(300, 'c', 'z')],
    handler: async (request, run) => {
      for await (const part of request.files()) await read(run.take(part).file, run)
      return 'done'
    },
    sizes: [1000, 200_000, 300]
  },
  'request.parts() with fields and files under one name': {
    form: [file(1000), field, file(70_000), file(1)],
    handler: async (request, run) => {
      for await (const part of request.parts()) {
        if (part.type === 'file') run.see(digest(await run.take(part).toBuffer()))
        else run.see(part.value)
      }
      return 'done'
    },
    sizes: [1000, 70_000, 1]
  },
  'request.parts() without a for loop': {
    form: [file(1000), file(2000)],
    handler: async (request, run) => {
      const parts = request.parts()
      const first = (await parts.next()).value as MultipartFile
      run.see(digest(await first.toBuffer()), await parts.return?.(), await parts.next())
      return 'done'
    },
    sizes: [1000]
  },
  'request.saveRequestFiles()': {
    form: [file(1000), file(100_000, 'b', 'y')],
    handler: async (request, run) => {
      const { files, values } = await request.saveRequestFiles()
      for (const saved of files) run.see(digest(await readFile(saved.filepath)), saved.filename)
      run.see((await request.saveRequestFiles()).files.length)
      return Object.keys(values)
    },
    sizes: [1000, 100_000]
  },
  'request.saveRequestFiles() into a directory that does not exist': {
    form: [file(1000)],
    handler: async (request, run) => {
      await request.saveRequestFiles({ tmpdir: '/nowhere/to/be/found' }).catch(error => run.see((error as { code: string }).code))
      return 'done'
    },
    sizes: [1000],
    seen: ['ENOENT', '200 done']
  },
  'attachFieldsToBody: true': {
    multipart: { attachFieldsToBody: true },
    form: [field, file(1000)],
    handler: async (request, run) => {
      const body = request.body as { log: MultipartFile, note: { value: string } }
      run.see(Object.keys(body), digest(await body.log.toBuffer()), body.note.value)
      return 'done'
    },
    sizes: [1000]
  },
  'attachFieldsToBody: true, then saveRequestFiles()': {
    multipart: { attachFieldsToBody: true },
    form: [field, file(1000)],
    handler: async request => digest(await readFile((await request.saveRequestFiles()).files[0]!.filepath)),
    sizes: [1000]
  },
  'attachFieldsToBody: true with onFile': {
    multipart: run => ({ attachFieldsToBody: true, onFile: async part => { await read(run.take(part).file, run) } }),
    form: [file(1000), field, file(2000)],
    handler: async request => Object.keys(request.body as object),
    sizes: [1000, 2000]
  },
  'attachFieldsToBody: \'keyValues\'': {
    multipart: { attachFieldsToBody: 'keyValues' },
    form: [field, file(1000), file(2000)],
    handler: async (request, run) => {
      const { note, log } = request.body as { note: string, log: Buffer[] }
      run.see(note, ...log.map(digest))
      return 'done'
    },
    sizes: [1000, 2000]
  },
  'attachFieldsToBody: \'keyValues\' with onFile': {
    multipart: run => ({
      attachFieldsToBody: 'keyValues',
      onFile: async part => { part.value = digest(await run.take(part).toBuffer()) }
    }),
    form: [file(1000), field],
    handler: async request => request.body,
    sizes: [1000]
  },
  'an empty file': {
    form: [file(0), file(10)],
    handler: async (request, run) => {
      for await (const part of request.files()) await read(run.take(part).file, run)
      return 'done'
    },
    sizes: [0, 10]
  },
  'a pipe to a slow consumer': {
    form: [file(300_000)],
    handler: async (request, run) => {
      await pipeline(run.take((await request.file())!).file, slowSink())
      return 'done'
    },
    sizes: [300_000]
  },
  'a pipe to a consumer that fails, by hand': {
    form: [file(1000)],
    handler: failToPipe,
    sizes: [1000]
  },
  'a pipe to a consumer that fails, by hand, in a file that is not parsed yet': {
    patience: 2,
    form: [file(1_000_000)],
    handler: async (request, run) => {
      const answer = await failToPipe(request, run)
      await filled(run.files[0]!)
      return answer
    },
    sizes: 'bytesRead'
  },
  'a pipeline to a consumer that fails, in a large file': {
    form: [file(500_000)],
    handler: async (request, run) => {
      await pipeline(run.take((await request.file())!).file, new PassThrough(), failingSink())
    },
    sizes: 'bytesRead'
  },
  'a file read through events': {
    form: [file(1000)],
    handler: async (request, run, reply) => {
      const { file } = run.take((await request.file())!)
      run.see(file.readableFlowing, file.eventNames())
      file.on('data', chunk => run.see(chunk.length)).on('end', () => reply.send('done'))
      return reply
    },
    sizes: [1000],
    // As multipart leaves it: this plugin only adds to `close`.
    seen: [
      { type: 'file', fieldname: 'log', filename: 'log.csv', mimetype: 'text/csv', encoding: '7bit', fields: ['log'] },
      null, ['close', 'error', 'end', 'limit'], 1000, '200 done'
    ]
  }
})
