// `npm run outages -- --record`: compiles, then breaks real services and watches which alerts fire. The options are in
// test/outages/main.ts.
import { spawn } from 'node:child_process'
import { execPath } from 'node:process'
import { compile } from './compile.js'

if (compile()) {
  const args = ['--enable-source-maps', 'dist/test/outages/main.js', ...process.argv.slice(2)]
  const outages = spawn(execPath, args, { stdio: 'inherit' })
  outages.once('exit', code => { process.exitCode = code ?? 1 })
} else {
  process.exitCode = 1
}
