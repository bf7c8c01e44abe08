import { dateTimeFormat } from '@grafana/data'
import { Icon, InlineSwitch, useTheme2 } from '@grafana/ui'
import type { PanelJson, Snapshot } from '../snapshot.js'

/** The title of a dashboard, with its variables, links and time range. */
export function Header ({ snapshot: { title, variables, links, switches, from, to } }: { snapshot: Snapshot }) {
  const { colors, shape, typography } = useTheme2()
  const box = {
    display: 'flex',
    alignItems: 'center',
    gap: 6,
    padding: '0 8px',
    height: 32,
    border: `1px solid ${colors.border.medium}`,
    borderRadius: shape.radius.default,
    background: colors.background.primary
  }
  const labelBox = {
    ...box,
    fontWeight: typography.fontWeightMedium,
    background: colors.background.secondary,
    borderRight: 0
  }
  const format = (time: number) => dateTimeFormat(time, { timeZone: 'utc', format: 'HH:mm:ss' })
  return (
    <header style={{ padding: '12px 16px 8px', color: colors.text.primary, fontSize: typography.size.sm }}>
      <h1 style={{ ...typography.h4, margin: '0 0 10px' }}>{title}</h1>
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
        {variables.map(({ label, value }) => (
          <div key={label} style={{ display: 'flex' }}>
            <span style={labelBox}>{label}</span>
            <span style={box}>{value} <Icon name='angle-down' /></span>
          </div>
        ))}
        {switches.map(name => <InlineSwitch key={name} label={name} showLabel value readOnly />)}
        <span style={{ flex: 1 }} />
        {links.map(link => <span key={link} style={box}><Icon name='apps' /> {link}</span>)}
        <span style={box}><Icon name='clock-nine' /> {format(from)} to {format(to)} UTC</span>
      </div>
    </header>
  )
}

const ROW_LAYOUT = { margin: 0, height: '100%', display: 'flex', alignItems: 'center', gap: 8 }

export function RowHeader ({ title, collapsed = false }: Pick<PanelJson, 'title' | 'collapsed'>) {
  const { typography, colors } = useTheme2()
  return (
    <div style={{ ...typography.h6, ...ROW_LAYOUT, color: colors.text.primary }}>
      <Icon name={collapsed ? 'angle-right' : 'angle-down'} /> {title}
    </div>
  )
}
