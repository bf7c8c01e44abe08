import t from 'tap'
import { onExit } from '../../lib/util/on-exit.js'
import { runModule } from '../fixtures/run-module.js'

const ON_EXIT = import.meta.resolve('../../lib/util/on-exit.js')

t.test('calls all functions when the process exits, except those that were cancelled', async t => {
  const { exitCode, output } = await runModule(t, `
    import { onExit } from '${ON_EXIT}'
    process.on('warning', warning => { console.log(warning.name) })
    for (let i = 0; i < 20; i++) onExit(() => { if (i % 10 === 0) process.stdout.write(i + ' ') })
    onExit(() => { process.stdout.write('cancelled') })()
    setImmediate(() => { process.exitCode = 3 })
  `)
  t.equal(exitCode, 3)
  t.equal(output, '0 10 ')
})

t.test('adds one listener for all, and removes it with the last', async t => {
  const before = process.listenerCount('exit')
  const cancels = [onExit(() => {}), onExit(() => {})]
  t.equal(process.listenerCount('exit'), before + 1)
  cancels[0]?.()
  t.equal(process.listenerCount('exit'), before + 1)
  cancels[1]?.()
  t.equal(process.listenerCount('exit'), before)
})
