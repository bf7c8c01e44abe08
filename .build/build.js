// `node .build/build.js lib examples` compiles these parts; without arguments, all parts.
import { compile } from './compile.js'

const parts = process.argv.slice(2)
if (!compile(parts.length > 0 ? parts : undefined)) process.exitCode = 1
