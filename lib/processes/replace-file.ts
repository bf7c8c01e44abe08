import { OutputFile, tryUnlink } from './file-system.js'
import type { Block, FileSystem } from './file-system.js'

export interface ReplacedFile {
  readonly path: string
  /** The path until the file is complete. */
  readonly temporaryPath: string
}

/**
 * Creates or replaces a file, so that readers see either the old or the new content.
 * @throws an error of the operating system; then the old content stays
 */
export function replaceFile (fs: FileSystem, { path, temporaryPath }: ReplacedFile, blocks: readonly Block[]): void {
  const file = new OutputFile(fs, temporaryPath)
  try {
    try {
      file.write(blocks, 0)
    } finally {
      file.close()
    }
    fs.renameSync(temporaryPath, path)
  } catch (error) {
    tryUnlink(fs, temporaryPath)
    throw error
  }
}
