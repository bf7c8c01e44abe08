import { Writable } from 'node:stream'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { bytes, file, formBody } from '../fixtures/multipart-client.js'
import { checkUploads, LONG_AFTER } from '../fixtures/upload-case.js'
import { digest, filled, read } from '../fixtures/upload-run.js'
import type { Run } from '../fixtures/upload-run.js'

/** Reads in steps of some milliseconds. */
async function readSlowly (part: { file: AsyncIterable<Buffer> }, run: Run): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of part.file) {
    chunks.push(chunk)
    await sleep(15)
  }
  run.see(digest(Buffer.concat(chunks)))
  run.say('read')
}

checkUploads(t, {
  'a small file that nobody consumes': {
    form: [file(1000)],
    handler: async (request, run) => {
      run.take((await request.file())!)
      return 'ignored'
    },
    sizes: [1000]
  },
  'a large file that nobody consumes, up to what was parsed': {
    patience: 2,
    form: [file(2_000_000)],
    handler: async (request, run) => {
      await filled(run.take((await request.file())!).file)
      return 'ignored'
    },
    sizes: 'bytesRead'
  },
  'several small files that nobody consumes': {
    form: [file(1000), file(2000), file(0)],
    handler: async (request, run) => {
      const parts = request.files()
      for (let n = 0; n < 3; n++) run.take((await parts.next()).value)
      return 'ignored'
    },
    sizes: [1000, 2000, 0]
  },
  'a file that comes after the answer, and nobody consumes': {
    client: async (client, run) => {
      const [start, end] = [formBody([file(1000)], { closed: false }), bytes(500)]
      client.head({ length: start.length + end.length })
      client.socket.write(start)
      run.see(await client.answer())
      client.socket.write(end)
    },
    handler: async (request, run) => {
      run.take((await request.file())!)
      return 'ignored'
    },
    sizes: [1500]
  },
  'a file that is being read when the answer is sent': {
    form: [file(1_000_000)],
    client: async (client, run) => {
      client.post([file(1_000_000)])
      await run.when('read')
    },
    handler: async (request, run, reply) => {
      const part = run.take((await request.file())!)
      await reply.send('accepted')
      await readSlowly(part, run)
    },
    sizes: [1_000_000]
  },
  'a file that is piped to a slow consumer when the answer is sent': {
    client: async (client, run) => {
      client.post([file(500_000)])
      await run.when('piped')
    },
    handler: async (request, run) => {
      const write = (_chunk: Buffer, _encoding: string, done: () => void): void => { setTimeout(done, 50) }
      run.take((await request.file())!).file.pipe(new Writable({ write })).on('finish', () => run.say('piped'))
      return 'accepted'
    },
    sizes: [500_000]
  },
  'a file that comes slowly, after the answer, and is thrown away': {
    client: async (client, run) => {
      const [start, end] = [formBody([file(1000)], { closed: false }), formBody([file(1000)])]
      client.head({ length: start.length + end.length })
      client.socket.write(start)
      run.see(await client.answer())
      await sleep(LONG_AFTER)
      client.socket.write(end)
      await run.when('thrown away')
    },
    handler: async (request, run) => {
      run.take((await request.file())!).file.resume().on('close', () => run.say('thrown away'))
      return 'accepted'
    },
    sizes: 'bytesRead'
  },
  'a file that is read only after the answer': {
    client: async (client, run) => {
      client.post([file(1_000_000)])
      await run.when('read')
    },
    handler: async (request, run, reply) => {
      const { file } = run.take((await request.file())!)
      reply.raw.once('close', () => setImmediate(read, file, run))
      return 'accepted'
    },
    sizes: [1_000_000]
  },
  'a file that is read only long after the answer': {
    client: async (client, run) => {
      client.post([file(1_000_000)])
      await run.when('read')
    },
    handler: async (request, run) => {
      setTimeout(read, LONG_AFTER, run.take((await request.file())!).file, run)
      return 'accepted'
    },
    sizes: [1_000_000]
  },
  'a file that is read only long after the answer, when its client has sent it and left': {
    multipart: { fileHwm: 1000 },
    client: async (client, run) => {
      const body = formBody([file(3000)])
      client.head({ length: body.length, close: true })
      client.socket.write(body.subarray(0, 2000))
      await run.when('filled')
      client.socket.write(body.subarray(2000))
      run.see(await client.answer())
      await run.when('read')
    },
    handler: async (request, run) => {
      const part = run.take((await request.file())!)
      await filled(part.file)
      run.say('filled')
      while (!request.raw.complete) await turn()
      setTimeout(read, LONG_AFTER, part.file, run)
      return 'accepted'
    },
    sizes: [3000]
  },
  'a file whose reader rests for longer than a file without a reader is looked at': {
    patience: 1,
    multipart: { fileHwm: 1000 },
    client: async (client, run) => {
      client.post([file(30_000)])
      run.see(await client.answer())
      await run.when('read')
    },
    handler: async (request, run) => {
      const { file } = run.take((await request.file())!)
      file.on('data', () => {}).pause().on('close', () => run.say('read'))
      setTimeout(() => file.resume(), 2 * LONG_AFTER)
      return 'accepted'
    },
    sizes: [30_000]
  },
  'a file that is read on when its client has closed the connection': {
    client: async (client, run) => {
      client.post([file(120_000)], { close: true })
      run.see(await client.answer())
      await run.when('read')
    },
    handler: async (request, run) => {
      readSlowly(run.take((await request.file())!), run)
      return 'accepted'
    },
    sizes: [120_000]
  },
  'a large file that is read on when its client has sent it and left': {
    client: async (client, run) => {
      client.post([file(1_000_000)])
      run.see(await client.answer())
      client.socket.end()
      await run.when('read')
    },
    handler: async (request, run) => {
      readSlowly(run.take((await request.file())!), run)
      return 'accepted'
    },
    sizes: [1_000_000]
  },
  'files that the application asks for after the answer': {
    client: async (client, run) => {
      client.post([file(1000), file(2000), file(3000)])
      await run.when('read')
    },
    handler: async (request, run, reply) => {
      const parts = request.files()
      await read(run.take((await parts.next()).value).file, run)
      reply.raw.once('close', async () => {
        run.take((await parts.next()).value).file.resume()
        run.take((await parts.next()).value)
        run.say('read')
      })
      return 'accepted'
    },
    sizes: [1000, 2000, 3000]
  }
})
