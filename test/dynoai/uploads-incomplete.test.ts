import type { MultipartFile } from '@fastify/multipart'
import t from 'tap'
import { createBytes, filePart, formBody } from '../fixtures/multipart-client.js'
import { checkUploads } from '../fixtures/upload-case.js'
import { describeError, digest, readUpload } from '../fixtures/upload-run.js'

const limits = { fileSize: 1500 }

// A file that …
checkUploads(t, {
  'is truncated at limits.fileSize, toBuffer()': {
    multipart: { limits },
    form: [filePart(2000), filePart(100)],
    handler: async (request, run) => await run.addFile((await request.file())!).toBuffer(),
    sizes: [1500]
  },
  'is truncated at limits.fileSize, read chunk by chunk': {
    multipart: { limits },
    form: [filePart(2000)],
    handler: async (request, run) => {
      try {
        for await (const part of request.parts()) await readUpload((part as MultipartFile).file, run)
      } catch (error) {
        run.record(describeError(error))
      }
      return 'done'
    },
    sizes: [1500],
    observations: [
      digest(createBytes(1500)), 'truncated true', 'FST_REQ_FILE_TOO_LARGE: request file too large', '200 done'
    ]
  },
  'is truncated at limits.fileSize without an error': {
    multipart: { limits, throwFileSizeLimit: false },
    form: [filePart(200_000), filePart(1500), filePart(1501)],
    handler: async (request, run) => {
      for await (const part of request.files()) run.record(digest(await part.toBuffer()), part.file.truncated)
      return 'done'
    },
    sizes: [1500, 1500, 1500]
  },
  'is truncated at a limit of one call': {
    form: [filePart(2000)],
    handler: async (request, run) => {
      const part = await request.file({ limits, throwFileSizeLimit: false })
      return await readUpload(part!.file, run)
    },
    sizes: [1500]
  },
  'is truncated while multipart saves it': {
    multipart: { limits },
    form: [filePart(2000)],
    handler: async request => await request.saveRequestFiles(),
    sizes: [1500]
  },
  'is truncated while multipart attaches it to the body': {
    multipart: { limits, attachFieldsToBody: true },
    form: [filePart(2000)],
    handler: () => 'never',
    sizes: [1500]
  },
  'exceeds limits.files': {
    multipart: { limits: { files: 1 } },
    form: [filePart(1000), filePart(2000)],
    handler: async (request, run) => {
      for await (const part of request.files()) await readUpload(run.addFile(part).file, run)
    },
    sizes: [1000]
  },
  'is read until a break in the loop over its chunks': {
    form: [filePart(300_000)],
    handler: async (request, run) => {
      const { file } = run.addFile((await request.file())!)
      for await (const chunk of file) if (chunk.length > 0) break
      return 'enough'
    },
    sizes: 'bytesRead'
  },
  'is followed by a break in the loop over the files': {
    form: [filePart(1000), filePart(2000)],
    handler: async (request, run) => {
      for await (const part of request.files()) if (run.addFile(part)) break
      return 'enough'
    },
    sizes: [1000]
  },
  'is destroyed by the application': {
    form: [filePart(1000)],
    handler: async (request, run) => {
      run.addFile((await request.file())!).file.destroy()
      return 'no'
    },
    sizes: [1000]
  },
  'has a name that multipart rejects': {
    form: [filePart(1000, '__proto__')],
    handler: async request => await request.file(),
    sizes: []
  },
  'is in a body that ends too early': {
    client: client => {
      const body = formBody([filePart(1000)], { closed: false })
      client.sendHead({ length: body.length })
      client.socket.write(body)
    },
    handler: async (request, run) => await readUpload(run.addFile((await request.file())!).file, run),
    sizes: [1000]
  }
})
