import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** A program of the example that runs in a child process. */
export interface ExampleProcess {
  kill (signal: NodeJS.Signals): void
  /** Resolves with the first match in the output; rejects when the process exits without a match. */
  printed (pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the exit code and the signal when the process has exited and its output is complete. */
  closed (): Promise<unknown[]>
  /** Returns stdout and stderr so far. */
  output (): string
  /** Returns stderr so far. */
  errors (): string
}

/** Starts a program of the example on loopback, by its path below `examples/dynoai-api`; it ends with the test. */
export function startProcess (t: Test, path: string, env: Record<string, string>): ExampleProcess {
  const file = fileURLToPath(new URL(`../../../examples/dynoai-api/${path}`, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, file], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'pipe']
  })
  return followProcess(t, child)
}

/** Reads the output of a process, which ends with the test. */
export function followProcess (t: Test, child: ChildProcessByStdio<null, Readable, Readable>): ExampleProcess {
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
    errors += text
  })
  const closed = once(child, 'close')

  const printed = (pattern: RegExp) => new Promise<RegExpExecArray>((resolve, reject) => {
    const check = () => {
      const match = pattern.exec(output)
      if (match) resolve(match)
    }
    child.stdout.on('data', check)
    child.stderr.on('data', check)
    check()
    const fail = () => reject(new Error(`The process exited before it printed ${String(pattern)}. Output: ${output}`))
    closed.then(fail, fail)
  })

  return {
    kill: signal => { child.kill(signal) },
    printed,
    closed: () => closed,
    output: () => output,
    errors: () => errors
  }
}

/** Listens on a free port of loopback until the test ends; returns the port. */
export async function occupyPort (t: Test): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  // A server that listens on a port has an address of this type.
  return (server.address() as AddressInfo).port
}
