import { parentPort } from 'node:worker_threads'

// Never comes to the end of its job.
parentPort?.on('message', () => {
  while (true);
})
