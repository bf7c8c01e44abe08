import { createServer } from 'node:https'
import { errors } from '../errors.js'
import { redacted } from './rules.js'

const OPTION = 'endpoint.listen.https'

/** What a server can prove to be itself with, each alone enough. */
const IDENTITIES = [['key', 'cert'], ['pfx'], ['SNICallback'], ['pskCallback']]

/**
 * Checks options of Node's `https.createServer`, as far as Node itself does before it listens; no error shows any of them.
 * @throws DYNOAI_METRICS_ERR_OPTION
 */
export function checkHttps (https: Readonly<Record<string, unknown>>): void {
  const isGiven = (name: string): boolean => https[name] !== undefined && https[name] !== null
  // Node makes a server without one, and then refuses every client.
  if (!IDENTITIES.some(names => names.every(isGiven))) {
    throw new errors.ERR_OPTION(OPTION, "an object of Node's https options with key and cert, pfx, SNICallback or pskCallback", redacted(https))
  }
  try {
    createServer(https)
  } catch (err) {
    throw new errors.ERR_OPTION(OPTION, `an object of Node's https options that Node takes; it says: ${reasonOf(err)}`, redacted(https))
  }
}

// Node's messages end with what was received, which may be a secret.
function reasonOf (err: unknown): string {
  return String((err as Error).message).replace(/\. Received.*$/s, '')
}
