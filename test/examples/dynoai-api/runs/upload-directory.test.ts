import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createUploadDirectory } from '../../../../examples/dynoai-api/runs/upload-directory.js'

/** Creates an upload directory that is deleted with the test. */
async function create (t: Test, parent: string, signOfLifeMs?: number): Promise<string> {
  const directory = await createUploadDirectory(parent, signOfLifeMs)
  t.teardown(() => directory.remove())
  return directory.path
}

t.test('deletes the directories of services that were killed, and no others', async t => {
  const ended = spawn(process.execPath, ['--eval', ''])
  await once(ended, 'exit')
  const started = Math.round(performance.timeOrigin)
  const leftOver = [`dynoai-${hostname()}-${ended.pid}-123-abcDEF`, `dynoai-${hostname()}-${process.pid}-123-abcDEF`]
  const silent = [
    // Of a container that is gone, and of a process whose id another one has now.
    `dynoai-gone.example-${ended.pid}-123-abcDEF`,
    `dynoai-${hostname()}-${process.ppid}-123-silent`
  ]
  const others = [
    // Of this service, of a running one, of one on another host, of other programs.
    `dynoai-${hostname()}-${process.pid}-${started}-abcDEF`,
    `dynoai-${hostname()}-${process.ppid}-123-abcDEF`,
    `dynoai-elsewhere.example-${ended.pid}-123-abcDEF`,
    'dynoai-notes',
    'other'
  ]
  const parent = t.testdir()
  const now = Date.now() / 1000
  for (const name of [...leftOver, ...silent, ...others]) {
    mkdirSync(join(parent, name))
    writeFileSync(join(parent, name, 'log'), 'rpm')
    const time = silent.includes(name) ? now - 3700 : now - 3000
    utimesSync(join(parent, name), time, time)
  }
  utimesSync(join(parent, 'other'), 0, 0)
  const dangling = 'dynoai-elsewhere.example-1-123-abcDEF'
  symlinkSync(join(parent, 'none'), join(parent, dangling))
  const created = await create(t, parent)
  t.strictSame(readdirSync(parent).sort(), [...others, dangling, basename(created)].sort())
  t.strictSame(readdirSync(created), [])
})

t.test('gives signs of life while the service runs', async t => {
  const path = await create(t, t.testdir(), 1)
  utimesSync(path, 0, 0)
  while (statSync(path).mtimeMs === 0) await sleep(1)
  t.ok(Date.now() - statSync(path).mtimeMs < 600_000)
})

t.test('creates the parent directory, and fails where it cannot', async t => {
  const parent = t.testdir({ file: '' })
  t.strictSame(readdirSync(await create(t, join(parent, 'a', 'b'))), [])
  await t.rejects(createUploadDirectory(join(parent, 'file', 'a')), { code: 'ENOTDIR' })
})

t.test('is deleted in the end, also when somebody else has deleted it', async t => {
  const parent = t.testdir()
  const directory = await createUploadDirectory(parent)
  for (let times = 0; times < 2; times++) {
    await directory.remove()
    t.strictSame(readdirSync(parent), [])
  }
})
