import { parentPort } from 'node:worker_threads'

// Fails outside of its jobs.
parentPort?.on('message', () => { throw new Error('The thread is out of memory.') })
