import { createHash, timingSafeEqual } from 'node:crypto'

/** The accepted credentials; every request is accepted if neither is set. */
export interface Credentials {
  readonly bearerToken: string | undefined
  readonly basicAuth: { readonly username: string, readonly password: string } | undefined
}

/** Checks `Authorization` headers. */
export interface Auth {
  /** The values of the header `WWW-Authenticate`. */
  readonly challenges: string[]
  accepts (authorization: string | undefined): boolean
}

// All digests have the same length, so comparing two of them always takes the same time.
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Creates the check for these credentials; `null` if neither is set. */
export function createAuth ({ bearerToken, basicAuth }: Credentials): Auth | null {
  const schemes = [
    ...(bearerToken === undefined
      ? []
      : [{
          name: 'bearer',
          challenge: 'Bearer realm="metrics"',
          expected: digest(bearerToken),
          decode: (text: string) => text
        }]),
    ...(basicAuth === undefined
      ? []
      : [{
          name: 'basic',
          challenge: 'Basic realm="metrics", charset="UTF-8"',
          expected: digest(`${basicAuth.username}:${basicAuth.password}`),
          decode: (text: string) => Buffer.from(text, 'base64').toString()
        }])
  ]
  if (schemes.length === 0) return null
  return {
    challenges: schemes.map(({ challenge }) => challenge),
    accepts (authorization = '') {
      const [, name = '', text = ''] = /^(\S+) +(\S.*)$/.exec(authorization.trim()) ?? []
      const scheme = schemes.find(scheme => scheme.name === name.toLowerCase())
      return scheme !== undefined && timingSafeEqual(digest(scheme.decode(text)), scheme.expected)
    }
  }
}
