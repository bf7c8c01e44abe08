import { parentPort } from 'node:worker_threads'

// Fails outside of its jobs.
parentPort?.on('message', () => { throw new Error('A fault outside of a job.') })
