import { parentPort } from 'node:worker_threads'

// Needs more and more memory.
parentPort?.on('message', () => {
  for (const kept: string[][] = []; ;) kept.push(Array(100_000).fill('x'))
})
