import * as zlib from 'node:zlib'

/** The reversed polynomial of CRC-32, from RFC 1952. */
const POLYNOMIAL = 0xedb88320

/** Computes the checksum of gzip. `previous` is the checksum of the preceding bytes. */
export type Checksum = (bytes: Uint8Array, previous: number) => number

/** Node's checksum, or a 10 × slower one for versions of Node without it: before 20.15 and 22.2. */
export function checksumFrom ({ crc32 }: { crc32?: Checksum }): Checksum {
  return crc32 ?? tableChecksum(createTable())
}

export const checksumOf = checksumFrom(zlib)

function tableChecksum (table: Uint32Array): Checksum {
  return (bytes, previous) => {
    let crc = ~previous
    for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8) // the table has an entry for each byte
    return ~crc >>> 0
  }
}

function createTable (): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    return crc
  })
}
