import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import t from 'tap'
import { createUploadDirectory } from '../../../../examples/dynoai-api/runs/upload-directory.js'

t.test('deletes the directories of services that were killed, and no others', async t => {
  const ended = spawn(process.execPath, ['--eval', ''])
  await once(ended, 'exit')
  const started = Math.round(performance.timeOrigin)
  const leftOver = [`dynoai-${hostname()}-${ended.pid}-123-abcDEF`, `dynoai-${hostname()}-${process.pid}-123-abcDEF`]
  const others = [
    // Of this service, of a running one, of one on another host, of other programs.
    `dynoai-${hostname()}-${process.pid}-${started}-abcDEF`,
    `dynoai-${hostname()}-${process.ppid}-123-abcDEF`,
    `dynoai-elsewhere.example-${ended.pid}-123-abcDEF`,
    'dynoai-notes',
    'other'
  ]
  const parent = t.testdir()
  for (const name of [...leftOver, ...others]) {
    mkdirSync(join(parent, name))
    writeFileSync(join(parent, name, 'log'), 'rpm')
  }
  const created = await createUploadDirectory(parent)
  t.strictSame(readdirSync(parent).sort(), [...others, basename(created)].sort())
  t.strictSame(readdirSync(created), [])
})

t.test('fails without the parent directory', async t => {
  await t.rejects(createUploadDirectory(join(t.testdir(), 'none')), { code: 'ENOENT' })
})
