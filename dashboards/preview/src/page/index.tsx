import '@fontsource/inter/latin-400.css'
import '@fontsource/inter/latin-500.css'
import { createTheme, ThemeContext } from '@grafana/data'
import type { DataFrame } from '@grafana/data'
import { GlobalStyles, PortalContainer } from '@grafana/ui'
import { createRoot } from 'react-dom/client'
import type { PanelJson, Picture } from '../picture.js'
import { framesOf } from './frames.js'
import { registerTransformers } from './grafana.js'
import { Header, RowHeader } from './headers.js'
import { Panel } from './panel.js'

/** Of Grafana's grid, in pixels. */
const ROW = 30
const GAP = 8
const MARGIN = 16
const COLUMNS = 24
const SETTLES_MS = 2500

const theme = createTheme({ colors: { mode: 'dark' } })

function place ({ gridPos: { x, y, w, h } }: PanelJson, width: number) {
  const column = (width - 2 * MARGIN + GAP) / COLUMNS
  return { left: MARGIN + Math.round(x * column), top: y * (ROW + GAP), width: Math.round(w * column) - GAP, height: h * (ROW + GAP) - GAP }
}

function Dashboard ({ picture, frames, width }: { picture: Picture, frames: ReadonlyMap<PanelJson, DataFrame[]>, width: number }) {
  const bottom = Math.max(...picture.panels.map(({ panel: { gridPos: { y, h } } }) => y + h))
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Header picture={picture} />
      <div style={{ position: 'relative', height: bottom * (ROW + GAP) + MARGIN }}>
        {picture.panels.map(({ panel }) => {
          const box = place(panel, width)
          return (
            <div key={panel.id} style={{ position: 'absolute', ...box }}>
              {panel.type === 'row'
                ? <RowHeader title={panel.title} />
                : <Panel panel={panel} frames={frames.get(panel) ?? []} picture={picture} width={box.width} height={box.height} />}
            </div>
          )
        })}
      </div>
      <PortalContainer />
    </ThemeContext.Provider>
  )
}

registerTransformers()
Object.assign(window, { __grafana_public_path__: '/public/' })
const picture: Picture = await (await fetch('/picture.json')).json()
const frames = new Map<PanelJson, DataFrame[]>()
for (const { panel, results } of picture.panels) {
  if (panel.type !== 'row' && panel.type !== 'text') frames.set(panel, await framesOf(panel, results, picture.step, theme))
}
// Text on a canvas stays in the font that was there when it was drawn.
await Promise.all([document.fonts.load('400 12px Inter'), document.fonts.load('500 12px Inter')])
createRoot(document.getElementById('root')!).render(<Dashboard picture={picture} frames={frames} width={window.innerWidth} />)
setTimeout(() => Object.assign(window, { drawn: true }), SETTLES_MS)
