/** One run of a compiler with a module resolution and programs. */
export interface Cell {
  readonly name: string
  /** The folder of the compiler in node_modules. */
  readonly compiler: string
  readonly args: readonly string[]
}

interface Programs {
  /** The kind of modules, a part of the name of the cell. */
  readonly kind: string
  readonly files: readonly string[]
}

interface Resolution {
  readonly name: string
  readonly args: readonly string[]
  readonly programs: readonly Programs[]
  /** The last version of TypeScript that has the resolution. TypeScript 7 has no node10. */
  readonly until?: number
}

const MODULE: Programs = { kind: 'ES module', files: ['module.mts'] }
const COMMONJS: Programs = { kind: 'CommonJS', files: ['commonjs.cts', 'commonjs-import.cts'] }
/** Augmentations in modules of one kind apply in modules of the other. */
const BOTH: Programs = { kind: 'both', files: ['augments.mts', 'uses.cts', 'augments-more.mts'] }

const node10 = ['--moduleResolution', 'node10']
const commonjs = ['--module', 'commonjs', ...node10]

const RESOLUTIONS: readonly Resolution[] = [
  // Fastify uses types of pino, whose imports need `esModuleInterop` in CommonJS.
  { name: 'commonjs/node10', args: [...commonjs, '--esModuleInterop'], programs: [COMMONJS], until: 6 },
  {
    name: 'commonjs/node10 without esModuleInterop',
    args: [...commonjs, '--esModuleInterop', 'false', '--skipLibCheck'],
    programs: [COMMONJS],
    // TypeScript 6 deprecates this option and node10. TypeScript 7 has neither.
    until: 6
  },
  { name: 'esnext/node10', args: ['--module', 'esnext', ...node10, '--esModuleInterop'], programs: [MODULE], until: 6 },
  { name: 'node16', args: ['--module', 'node16'], programs: [MODULE, COMMONJS, BOTH] },
  { name: 'nodenext', args: ['--module', 'nodenext'], programs: [MODULE, COMMONJS, BOTH] },
  { name: 'bundler', args: ['--module', 'esnext', '--moduleResolution', 'bundler'], programs: [MODULE] },
  { name: 'bundler', args: ['--module', 'preserve', '--moduleResolution', 'bundler'], programs: [COMMONJS, BOTH] }
]

const VERSIONS = ['5.4', '5.9', '6.0', '7.0'] as const

/** TypeScript 6 deprecates node10. */
const DEPRECATED = ['--ignoreDeprecations', '6.0']

const SETTINGS = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--pretty', 'false']

/** All runs: version × resolution × kind. All are `strict`, and only rows that say so have `skipLibCheck`. */
export const cells: readonly Cell[] = VERSIONS.flatMap(version => RESOLUTIONS
  .filter(({ until = Infinity }) => Number.parseInt(version) <= until)
  .flatMap(({ name, args, programs }) => programs.map(({ kind, files }) => ({
    name: `TypeScript ${version}, ${name}, ${kind}`,
    compiler: `typescript-${version}`,
    args: [...SETTINGS, ...args, ...(version === '6.0' && name.includes('node10') ? DEPRECATED : []), ...files]
  }))))
