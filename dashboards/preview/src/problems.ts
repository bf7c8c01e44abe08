import type { Page } from 'puppeteer-core'

/** Texts smaller than this cannot be read without effort, in pixels. */
const SMALLEST_TEXT = 11

/** Returns what a reader of the drawn page does not see, or cannot read: what is cut off, or too small. */
export const findProblems = (page: Page): Promise<string[]> => page.$$eval('[data-panel]', (panels, smallest) => {
  const isScrollable = (element: Element) => /auto|scroll/.test(getComputedStyle(element).overflow)
  const text = (element: Element) => (element.textContent ?? '').trim().slice(0, 60)

  const cutOff = (element: Element): string[] => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element
    if (isScrollable(element)) {
      const { bottom } = element.getBoundingClientRect()
      const rows = [...element.querySelectorAll('tr, [role=row]')]
      const hidden = rows.filter(row => row.getBoundingClientRect().bottom > bottom + 4)
      return [
        scrollHeight > clientHeight + 1 &&
          `${scrollHeight - clientHeight} px of its height are hidden, ${hidden.length} of ${rows.length} rows`,
        scrollWidth > clientWidth + 1 && `${scrollWidth - clientWidth} px of its width are hidden`
      ].filter(problem => problem !== false)
    }
    const isTruncated = element.children.length === 0 && scrollWidth > clientWidth + 1 &&
      getComputedStyle(element).textOverflow === 'ellipsis'
    return isTruncated ? [element.tagName === 'H2' ? 'the title is truncated' : `'${text(element)}' is truncated`] : []
  }
  const tooSmall = (element: Element): string[] => {
    const size = parseFloat(getComputedStyle(element).fontSize)
    return element.children.length === 0 && text(element) !== '' && size < smallest
      ? [`'${text(element)}' has ${size} px`]
      : []
  }
  return panels.flatMap(panel => {
    const elements = [...panel.querySelectorAll('*')]
    const found = new Set(elements.flatMap(element => [...cutOff(element), ...tooSmall(element)]))
    return [...found].map(problem => `${panel.getAttribute('data-panel')}: ${problem}`)
  })
}, SMALLEST_TEXT)
