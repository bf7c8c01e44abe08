import { linkSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { OwnerDraft, readOwner, removeOwner } from '../../lib/processes/owner-file.js'
import { fakeLinux, ownerOf, systemError, threadOf } from '../fixtures/processes/fake-system.js'

const owner = ownerOf(threadOf(7))
const other = ownerOf(threadOf(8))

/** The file systems: with hard links, and without, by the code that `link` throws. */
const fileSystems: ReadonlyArray<readonly [name: string, link: typeof linkSync]> = [
  ['with hard links', linkSync],
  ...['EPERM', 'ENOTSUP', 'EISDIR'].map(code =>
    [`without hard links (${code})`, () => { throw systemError(code) }] as const)
]

for (const [name, link] of fileSystems) {
  const system = fakeLinux([7], { link })

  t.test(`publishes a complete owner file only under a free name ${name}`, async t => {
    const directory = t.testdir({})
    const draft = new OwnerDraft(directory, owner, system)
    const rival = new OwnerDraft(directory, other, system)
    t.ok(draft.publish('0.owner.1'))
    t.notOk(rival.publish('0.owner.1'))
    t.notOk(draft.publish('0.owner.1'))
    t.ok(rival.publish('0.owner.2'), 'under another name after it has failed')
    draft.discard()
    rival.discard()
    t.strictSame(readdirSync(directory).sort(), ['0.owner.1', '0.owner.2'])
    t.strictSame(readOwner(join(directory, '0.owner.1')), owner)
    t.strictSame(readOwner(join(directory, '0.owner.2')), other)
    if (process.platform !== 'win32') t.equal(lstatSync(join(directory, '0.owner.1')).mode & 0o077, 0)
    removeOwner(join(directory, '0.owner.1'))
    removeOwner(join(directory, '0.owner.2'))
    removeOwner(join(directory, '0.owner.3'))
    t.strictSame(readdirSync(directory), [])
  })

  t.test(`does not replace a file, a directory or a link ${name}`, async t => {
    const link = t.fixture('symlink', 'none')
    const directory = t.testdir({ '0.owner.1': '', '0.owner.2': { file: '' }, '0.owner.3': link })
    const draft = new OwnerDraft(directory, owner, system)
    for (const name of ['0.owner.1', '0.owner.2', '0.owner.3']) t.notOk(draft.publish(name), name)
    draft.discard()
    t.strictSame(readdirSync(directory).sort(), ['0.owner.1', '0.owner.2', '0.owner.3'])
  })

  t.test(`throws if the file cannot be created ${name}`, async t => {
    const directory = t.testdir({})
    const draft = new OwnerDraft(directory, owner, system)
    t.throws(() => draft.publish('none/0.owner.1'), { code: 'ENOENT' })
    draft.discard()
    t.strictSame(readdirSync(directory), [])
    t.throws(() => new OwnerDraft(join(directory, 'none'), owner, system), { code: 'ENOENT' })
  })
}

t.test('reads an owner only from a file, or from the file in a directory', async t => {
  const text = JSON.stringify(owner)
  const directory = t.testdir({
    file: text,
    directory: { owner: text },
    empty: '',
    folder: {},
    nested: { owner: { owner: text } },
    huge: `${text}${' '.repeat(4096)}`,
    link: t.fixture('symlink', 'file'),
    directoryLink: t.fixture('symlink', 'directory'),
    inner: { owner: t.fixture('symlink', '../file') }
  })
  t.strictSame(readOwner(join(directory, 'file')), owner)
  t.strictSame(readOwner(join(directory, 'directory')), owner)
  const links = process.platform === 'win32' ? [] : ['link', 'directoryLink', 'inner']
  for (const name of ['empty', 'folder', 'nested', 'huge', 'none', ...links]) {
    t.equal(readOwner(join(directory, name)), undefined, name)
  }
})

t.test('removes no directory that contains other files', async t => {
  const directory = t.testdir({ '0.owner.1': { owner: '', other: '' } })
  mkdirSync(join(directory, '0.owner.2'))
  writeFileSync(join(directory, '0.owner.3'), '')
  for (const name of readdirSync(directory)) removeOwner(join(directory, name))
  t.strictSame(readdirSync(directory), ['0.owner.1'])
  t.strictSame(readdirSync(join(directory, '0.owner.1')), ['other'])
})
