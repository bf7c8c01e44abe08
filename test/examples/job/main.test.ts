import { existsSync, utimesSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { listenOnLoopback } from '../../fixtures/loopback.js'
import { startProcess } from '../dynoai-api/start-process.js'

const DAY = 24 * 60 * 60 * 1000

/** A directory with an old file, a new file, and an old directory. */
function createUploads (t: Test): string {
  const directory = t.testdir({ 'old.csv': '', 'new.csv': '', folder: {} })
  const old = new Date(Date.now() - 8 * DAY)
  for (const name of ['old.csv', 'folder']) utimesSync(join(directory, name), old, old)
  const recent = new Date(Date.now() - 6 * DAY)
  utimesSync(join(directory, 'new.csv'), recent, recent)
  return directory
}

/** Starts a server in place of a Pushgateway, which responds with `status`. */
async function startGateway (t: Test, status: number): Promise<{ url: string, pushes: string[] }> {
  const pushes: string[] = []
  const server = createServer(async (request, response) => {
    pushes.push(`${request.method} ${request.url}\n${await text(request)}`)
    response.writeHead(status).end('no')
  })
  return { url: await listenOnLoopback(t, server), pushes }
}

t.test('removes the files that are older than a week, and pushes how many', async t => {
  const directory = createUploads(t)
  const { url, pushes } = await startGateway(t, 200)
  const startedAt = Date.now()
  const job = startProcess(t, '../job/main.js', { UPLOADS: directory, PUSHGATEWAY_URL: url })
  t.same(await job.closed(), [0, null], job.output())
  t.strictSame(['old.csv', 'new.csv', 'folder'].map(name => existsSync(join(directory, name))), [false, true, true])

  t.equal(pushes.length, 1)
  const [push = ''] = pushes
  t.match(push, /^PUT \/metrics\/job\/cleanup\n/)
  t.match(push, /^cleanup_files_removed 1$/m)
  const [, success = ''] = /^cleanup_last_success_timestamp_seconds (\S+)$/m.exec(push) ?? []
  t.ok(Number(success) * 1000 >= startedAt && Number(success) * 1000 <= Date.now(), success)
  t.notMatch(push, /^(?:process|nodejs|dynoai)_/m)
})

t.test('prints one line and fails if it cannot do its work or push', async t => {
  const directory = createUploads(t)
  const { url, pushes } = await startGateway(t, 200)
  const { url: refusing } = await startGateway(t, 400)
  const cases: Array<[env: Record<string, string>, message: RegExp]> = [
    [{ UPLOADS: directory }, /^Set UPLOADS and PUSHGATEWAY_URL\.\n$/],
    [{ UPLOADS: join(directory, 'missing'), PUSHGATEWAY_URL: url }, /^ENOENT.*\n$/],
    [{ UPLOADS: directory, PUSHGATEWAY_URL: refusing }, /^push failed with status 400, no\n$/]
  ]
  for (const [env, message] of cases) {
    const job = startProcess(t, '../job/main.js', env)
    t.same(await job.closed(), [1, null], JSON.stringify(env))
    t.match(job.errors(), message)
  }
  t.strictSame(pushes, [], 'a job that fails pushes nothing')
})
