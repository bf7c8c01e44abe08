/** The code of a system error, such as `ENOENT`; `undefined` for any other value. */
export function errorCode (err: unknown): unknown {
  return (err as NodeJS.ErrnoException | null | undefined)?.code
}
