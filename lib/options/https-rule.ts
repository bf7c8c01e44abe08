import { createServer } from 'node:https'
import { errors } from '../errors.js'
import { redacted } from './rules.js'

const OPTION = 'endpoint.listen.https'

/** Options that let a server prove its identity. One of these lists is enough. */
const IDENTITIES = [['key', 'cert'], ['pfx'], ['SNICallback'], ['pskCallback']]

/**
 * Checks options of Node's `https.createServer` as Node does before it listens. No error shows a value of them.
 * @throws DYNOAI_METRICS_ERR_OPTION
 */
export function checkHttps (https: Readonly<Record<string, unknown>>): void {
  const isGiven = (name: string): boolean => https[name] !== undefined && https[name] !== null
  // Without one, Node creates a server that rejects every client.
  if (!IDENTITIES.some(names => names.every(isGiven))) {
    const expected = "an object of Node's https options with key and cert, pfx, SNICallback or pskCallback"
    throw new errors.ERR_OPTION(OPTION, expected, redacted(https))
  }
  try {
    createServer(https)
  } catch (err) {
    const expected = `an object of Node's https options that Node accepts; Node reports: ${reasonOf(err)}`
    throw new errors.ERR_OPTION(OPTION, expected, redacted(https))
  }
}

// Node's messages end with the received value, which may be a secret.
function reasonOf (err: unknown): string {
  return String((err as Error).message).replace(/\. Received.*$/s, '')
}
