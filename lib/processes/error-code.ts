/** The code of a system error, such as `ENOENT`; `undefined` for any other value. */
export function errorCode (err: unknown): string | undefined {
  const code: unknown = (err as NodeJS.ErrnoException | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}
