import * as zlib from 'node:zlib'

/** The reversed polynomial of CRC-32, as in RFC 1952. */
const POLYNOMIAL = 0xedb88320

/** The checksum of gzip, of bytes that follow those of another checksum. */
export type Checksum = (bytes: Uint8Array, before: number) => number

/** Node's checksum; where it has none, before 20.15 and 22.2, one that takes ten times as long. */
export function checksumFrom ({ crc32 }: { crc32?: Checksum }): Checksum {
  return crc32 ?? tableChecksum(createTable())
}

export const checksumOf = checksumFrom(zlib)

function tableChecksum (table: Uint32Array): Checksum {
  return (bytes, before) => {
    let crc = ~before
    for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8) // a byte is below the table's length
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
