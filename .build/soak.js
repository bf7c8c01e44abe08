// `npm run soak -- --minutes 10`: compiles, then runs several processes under load for minutes or hours, while some are
// killed. The options are in test/soak/main.ts.
import { spawn } from 'node:child_process'
import { execPath } from 'node:process'
import { compile } from './compile.js'

if (compile()) {
  const soak = spawn(execPath, ['dist/test/soak/main.js', ...process.argv.slice(2)], { stdio: 'inherit' })
  soak.once('exit', code => { process.exitCode = code ?? 1 })
} else {
  process.exitCode = 1
}
