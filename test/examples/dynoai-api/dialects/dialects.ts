import type { Dialect } from './dialect.js'
import { dynojetDialects } from './dynojet.js'
import { hardToRead } from './hard-to-read.js'
import { misleading } from './misleading.js'
import { nameDialects } from './names.js'
import { numberDialects } from './numbers.js'
import { otherProgramsDialects } from './other-programs.js'
import { refusedDialects } from './refused.js'
import { winpepDialects } from './winpep.js'

/** The ways to write a log that are tested, and what the service gives for each. */
export const DIALECTS: readonly Dialect[] = [
  ...winpepDialects, ...dynojetDialects, ...otherProgramsDialects, ...nameDialects, ...numberDialects, ...hardToRead,
  ...refusedDialects, ...misleading
]
