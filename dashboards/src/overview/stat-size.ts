/** The width and the height of a number at the top: two lines of six, whose titles fit at a width of 1000 pixels. */
export const WIDTH = 4
export const HEIGHT = 3
