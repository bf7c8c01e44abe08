import { columnsOf } from './columns.js'
import type { Dialect } from './dialect.js'
import { values } from './write-log.js'

const UNITS = 'the unit is unclear'

/** Ways to write a log that the service refuses, because it cannot know what the columns are. */
export const refusedDialects: readonly Dialect[] = [
  {
    name: 'engine speed in thousands under `RPM`',
    style: { separator: ',', columns: columnsOf({}, { rpm: 'krpm' }) },
    gives: {
      status: 422,
      error: /^The column 'RPM' cannot be engine speed in rpm: .+ name the column 'RPM1000'/,
      note: UNITS
    }
  },
  {
    name: 'MAP in inHg under `MAP`',
    style: { separator: ',', columns: columnsOf({ map: 'MAP' }, { map: 'inHg' }) },
    gives: {
      status: 422,
      error: /^The column 'MAP' cannot be manifold pressure in kPa: .+ such as 'MAP \(inHg\)'/,
      note: UNITS
    }
  },
  {
    name: 'lambda under `AFR Meas F`',
    style: { separator: ',', columns: columnsOf({}, { measured: 'measLambda' }) },
    gives: { status: 422, error: /^The column 'AFR_Meas_F' cannot be .+ If they are lambda/, note: UNITS }
  },
  {
    name: 'AFR under `Lambda 1`',
    style: { separator: ',', columns: columnsOf({ measured: ['Lambda 1', 'Lambda 2'] }) },
    gives: { status: 422, error: /^The column 'Lambda 1' cannot be .+ in lambda: /, note: UNITS }
  },
  {
    name: 'IAT in °C under `IAT`',
    style: { separator: ',', columns: columnsOf({}, { iat: 'celsius' }) },
    gives: { status: 422, error: /^The column 'IAT' cannot be intake air temperature in °F/, note: UNITS }
  },
  {
    name: 'MAP as gauge pressure',
    style: { separator: ',', columns: columnsOf({ map: 'MAP (psig)' }, { map: 'psi' }) },
    gives: { status: 422, error: /^The column 'MAP \(psig\)' is in 'psig'\./, note: UNITS }
  },
  {
    name: 'two widebands of the front cylinder',
    style: {
      separator: ',',
      columns: [['(PV) AFR Meas F', values.measAfr('rear')],
        ...columnsOf({ measured: ['AFR Meas F', 'AFR Meas R'] })]
    },
    gives: {
      status: 422,
      error: /^Two columns could be measured mixture of the front cylinder/,
      note: 'it is unclear which to use'
    }
  },
  {
    name: 'decimal commas between commas',
    style: { separator: ',', columns: columnsOf(), number: text => text.replace('.', ',') },
    gives: { status: 400, error: /: \d+ of \d+ rows have more fields than the header/, note: 'no table' }
  },
  {
    name: 'no commanded mixture',
    style: { separator: ',', columns: columnsOf().filter(([name]) => !name.includes('Cmd')) },
    gives: {
      status: 422,
      error: /^These columns are missing from the log: commanded mixture \(such as/,
      note: 'a column is missing'
    }
  },
  {
    name: 'no measured mixture',
    style: { separator: ',', columns: columnsOf().filter(([name]) => !name.includes('Meas')) },
    gives: {
      status: 422,
      error: /^These columns are missing from the log: measured mixture \(such as/,
      note: 'a column is missing'
    }
  },
  {
    name: 'HP Tuners, commanded equivalence ratio',
    style: { separator: ',', columns: columnsOf({ commanded: 'Equivalence Ratio Commanded (SAE)', measured: 'AFR' }) },
    gives: {
      status: 422,
      error: /'Equivalence Ratio Commanded \(SAE\)'/,
      note: 'a column is missing: an equivalence ratio is lambda in some programs and 1 / lambda in others'
    }
  },
  {
    name: 'Power Vision, list of signals',
    style: {
      separator: ',',
      preamble: ['"Dynojet Power Vision Log File"', '', '"Format:","Pro-XY CSV 1.0.0"'],
      columns: [['"Time(ms)"', values.time], ['"Signal"', values.constant('3')], ['"Value"', values.rpm]]
    },
    gives: {
      status: 422,
      error: /^These columns are missing from the log: .+'Time\(ms\)', 'Signal', 'Value'/,
      note: 'columns are missing'
    }
  },
  {
    name: 'UTF-16 without a mark',
    style: { separator: ',', columns: columnsOf(), encoding: 'utf16le' },
    gives: { status: 400, error: /^The log is not plain text/, note: 'no text' }
  },
  {
    name: 'a quotation mark without a counterpart',
    style: { separator: ',', columns: columnsOf(), finish: lines => [...lines, '"1500,80'] },
    gives: { status: 400, error: /a quotation mark at the start of a field has no counterpart/, note: 'no table' }
  }
]
