import '@fontsource/inter/latin-400.css'
import '@fontsource/inter/latin-500.css'
import { createTheme, ThemeContext } from '@grafana/data'
import type { DataFrame } from '@grafana/data'
import { GlobalStyles, PortalContainer } from '@grafana/ui'
import { createRoot } from 'react-dom/client'
import type { PanelJson, Snapshot } from '../snapshot.js'
import { toFrames } from './frames.js'
import { Header, RowHeader } from './headers.js'
import { Panel } from './panel.js'
import { registerTransformers } from './registries.js'

// Grafana's grid, in pixels.
const ROW = 30
const GAP = 8
const MARGIN = 16
const COLUMNS = 24
/** Time for the components to draw again when they know their sizes. */
const DRAWING_MS = 2500

const theme = createTheme({ colors: { mode: 'dark' } })

/** Returns the position and size of a panel in pixels. */
function getBox ({ gridPos: { x, y, w, h } }: PanelJson, pageWidth: number) {
  const column = (pageWidth - 2 * MARGIN + GAP) / COLUMNS
  return {
    left: MARGIN + Math.round(x * column),
    top: y * (ROW + GAP),
    width: Math.round(w * column) - GAP,
    height: h * (ROW + GAP) - GAP
  }
}

interface DashboardProps {
  readonly snapshot: Snapshot
  readonly frames: ReadonlyMap<PanelJson, DataFrame[]>
  readonly width: number
}

function Dashboard ({ snapshot, frames, width }: DashboardProps) {
  const bottom = Math.max(...snapshot.panels.map(({ panel: { gridPos: { y, h } } }) => y + h))
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Header snapshot={snapshot} />
      <div style={{ position: 'relative', height: bottom * (ROW + GAP) + MARGIN }}>
        {snapshot.panels.map(({ panel }) => {
          const box = getBox(panel, width)
          return (
            <div key={panel.id} data-panel={panel.title} style={{ position: 'absolute', ...box }}>
              {panel.type === 'row'
                ? <RowHeader title={panel.title} collapsed={panel.collapsed} />
                : (
                  <Panel
                    panel={panel} frames={frames.get(panel) ?? []} snapshot={snapshot}
                    width={box.width} height={box.height}
                  />
                  )}
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
const snapshot: Snapshot = await (await fetch('/snapshot.json')).json()
const frames = new Map<PanelJson, DataFrame[]>()
for (const { panel, results } of snapshot.panels) {
  if (panel.type === 'row' || panel.type === 'text') continue
  frames.set(panel, await toFrames(panel, { results, step: snapshot.step, theme }))
}
// The fonts must be loaded first, because text on a canvas is not redrawn when a font is loaded later.
await Promise.all([document.fonts.load('400 12px Inter'), document.fonts.load('500 12px Inter')])
createRoot(document.getElementById('root')!)
  .render(<Dashboard snapshot={snapshot} frames={frames} width={window.innerWidth} />)
setTimeout(() => requestIdleCallback(() => Object.assign(window, { drawn: true })), DRAWING_MS)
