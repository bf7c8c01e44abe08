import { dateTime, renderMarkdown } from '@grafana/data'
import type { DataFrame, TimeRange } from '@grafana/data'
import { PanelChrome, TimeSeries } from '@grafana/ui'
import type { VizLegendOptions } from '@grafana/ui'
import { TableNG } from '@grafana/ui/unstable'
import type { ComponentProps } from 'react'
import type { PanelJson, Snapshot } from '../snapshot.js'
import { drawAnnotations } from './annotations.js'
import { getFieldConfig } from './frames.js'
import { Heatmap } from './heatmap.js'
import type { HeatmapOptions } from './heatmap.js'
import { Stats } from './stats.js'

/** The options of a table. */
interface TableOptions extends Pick<ComponentProps<typeof TableNG>, 'cellHeight' | 'sortBy'> {
  readonly footer?: Pick<ComponentProps<typeof TableNG>, 'enablePagination'>
}

interface Props {
  readonly panel: PanelJson
  readonly frames: DataFrame[]
  readonly snapshot: Snapshot
  readonly width: number
  readonly height: number
}

/** A panel with its border, title and description. */
export function Panel (props: Props) {
  const { panel: { title, description = '' }, width, height } = props
  return (
    <PanelChrome title={title} description={description} width={width} height={height}>
      {(innerWidth, innerHeight) => <Content {...props} width={innerWidth} height={innerHeight} />}
    </PanelChrome>
  )
}

function Content ({ panel, frames, snapshot, width, height }: Props) {
  const { from, to, step, annotations } = snapshot
  if (panel.type === 'text') return <Text panel={panel} />
  if (panel.type === 'stat') return <Stats panel={panel} frames={frames} width={width} height={height} />
  const [frame] = frames
  if (frame === undefined) return <NoData panel={panel} />
  switch (panel.type) {
    case 'timeseries': {
      const { legend } = panel.options as { legend: VizLegendOptions }
      const withTitles = snapshot.panels.find(({ panel: { type } }) => type === 'timeseries')?.panel === panel
      return (
        <TimeSeries
          frames={frames} width={width} height={height} timeRange={toTimeRange(from, to)} timeZone='utc' legend={legend}
        >
          {builder => drawAnnotations(builder, { annotations, withTitles })}
        </TimeSeries>
      )
    }
    case 'table': {
      const { cellHeight, sortBy, footer } = panel.options as unknown as TableOptions
      const fieldConfig = getFieldConfig(panel)
      return (
        <TableNG
          data={frame} width={width} height={height} sortBy={sortBy} fieldConfig={fieldConfig} cellHeight={cellHeight}
          enablePagination={footer?.enablePagination}
        />
      )
    }
    case 'heatmap': {
      const options = panel.options as unknown as HeatmapOptions
      return <Heatmap frame={frame} options={options} from={from} to={to} step={step} width={width} height={height} />
    }
    default: throw new Error(`The preview does not support the panel type ${panel.type}.`)
  }
}

function Text ({ panel }: Pick<Props, 'panel'>) {
  const { content } = panel.options as { content: string }
  return <div className='markdown-html' dangerouslySetInnerHTML={{ __html: renderMarkdown(content) }} />
}

function NoData ({ panel }: Pick<Props, 'panel'>) {
  const { noValue } = getFieldConfig(panel).defaults
  return <div style={{ height: '100%', display: 'grid', placeItems: 'center' }}>{noValue}</div>
}

const toTimeRange = (from: number, to: number): TimeRange => {
  const range = { from: dateTime(from), to: dateTime(to) }
  return { ...range, raw: range }
}
