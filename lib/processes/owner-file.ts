import { lstatSync, mkdirSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from './error-code.js'
import type { Owner } from './owner.js'
import { parseOwner } from './parse-owner.js'
import { readSmallJson } from './small-file.js'
import type { System } from './system.js'
import { temporaryName } from './temporary-name.js'

/** Bytes of the largest owner file that is read. This package writes 400 B. */
const MAX_BYTES = 4096

/** The file in the directory that replaces an owner file where there are no hard links. */
const INNER_NAME = 'owner'

/** Reads the owner of a slot; `undefined` if the file does not exist or names no process. */
export function readOwner (path: string): Owner | undefined {
  const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  return parseOwner(readSmallJson(isDirectory ? join(path, INNER_NAME) : path, MAX_BYTES))
}

/**
 * An owner file that is complete under a temporary name. It is published under the names that are tried, by hard
 * links: a link is created only if the name is free, and has its full content from the start.
 *
 * Where there are no hard links (FAT, exFAT, many network and FUSE file systems), a directory that contains the file
 * is renamed: like a link, this fails if the name is the name of a file or of a directory that is not empty.
 */
export class OwnerDraft {
  readonly #directory: string
  readonly #text: string
  readonly #path: string
  readonly #system: System

  constructor (directory: string, owner: Owner, system: System) {
    this.#directory = directory
    this.#text = JSON.stringify(owner)
    this.#path = join(directory, temporaryName('owner'))
    this.#system = system
    this.#write(this.#path)
  }

  /** Returns whether it created the file. It returns false if the file exists. */
  publish (name: string): boolean {
    const path = join(this.#directory, name)
    try {
      this.#system.link(this.#path, path)
      return true
    } catch (err) {
      // Where there are no hard links, each system has another code. Other errors, such as ENOSPC, occur again.
      return errorCode(err) === 'EEXIST' ? false : this.#publishDirectory(path)
    }
  }

  discard (): void {
    removeOwner(this.#path)
  }

  #publishDirectory (path: string): boolean {
    const draft = join(this.#directory, temporaryName('owner'))
    mkdirSync(draft, { mode: 0o700 })
    try {
      this.#write(join(draft, INNER_NAME))
      return renameToFree(draft, path)
    } finally {
      removeOwner(draft)
    }
  }

  #write (path: string): void {
    writeFileSync(path, this.#text, { flag: 'wx', mode: 0o600 })
  }
}

/** Returns whether it renamed the directory. It returns false if the new name is used. */
function renameToFree (path: string, newPath: string): boolean {
  try {
    renameSync(path, newPath)
    return true
  } catch (err) {
    if (lstatSync(newPath, { throwIfNoEntry: false }) === undefined) throw err
    return false
  }
}

/** Removes an owner file, or the directory that replaces it. It leaves what it cannot remove. */
export function removeOwner (path: string): void {
  try {
    unlinkSync(path)
  } catch {
    removeDirectory(path)
  }
}

// Not recursively: a directory of another origin may contain any number of files.
function removeDirectory (path: string): void {
  attempt(() => { unlinkSync(join(path, INNER_NAME)) })
  attempt(() => { rmdirSync(path) })
}

function attempt (fn: () => void): void {
  try {
    fn()
  } catch {
    // It does not exist, another process has removed it, or it cannot be removed.
  }
}
