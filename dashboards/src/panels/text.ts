import { PanelBuilder as TextPanel } from '@grafana/grafana-foundation-sdk/text'

interface TextOptions {
  readonly title: string
  readonly description: string
  /** Markdown. */
  readonly content: string
  readonly height: number
}

/** A text over the full width. */
export function text ({ title, description, content, height }: TextOptions): TextPanel {
  return new TextPanel().title(title).description(description).height(height).span(24).content(content)
}
