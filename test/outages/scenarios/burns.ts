const WINDOWS = ['1h', '6h', '1d', '3d']
const REASON = 'the error budget is used too fast over this window, too'

/** All alerts of an objective, as additional ones. */
export const burns = (objective: 'Availability' | 'Latency'): Record<string, string> =>
  Object.fromEntries(WINDOWS.map(window => [`Dynoai${objective}BudgetBurn ${window}`, REASON]))
