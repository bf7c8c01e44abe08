import { write } from './write.js'

await write('dashboards')
