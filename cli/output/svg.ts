/** The few elements of SVG that pictures here are made of, as text; everything written by others is escaped. */

export interface Box { readonly x: number, readonly y: number, readonly width: number, readonly height: number }

export interface TextStyle { readonly class: string, readonly anchor?: 'middle' | 'end' }

export function rectangle({ x, y, width, height }: Box, style: string, radius = 8): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" class="${style}"/>`
}

export function path(commands: string, style: string): string {
  return `<path d="${commands}" class="${style}"/>`
}

/** Text that is cut to `most` characters shows the whole when it is pointed at. */
export function textAt(x: number, y: number, text: string, style: TextStyle & { readonly most?: number }): string {
  const { most = Infinity } = style
  const isCut = text.length > most
  const shown = isCut ? `${text.slice(0, most - 1)}…` : text
  const anchor = style.anchor === undefined ? '' : ` text-anchor="${style.anchor}"`
  return `<text x="${x}" y="${y}" class="${style.class}"${anchor}>${isCut ? `<title>${escaped(text)}</title>` : ''}${escaped(shown)}</text>`
}

/** Control characters, which XML has no way to say, become question marks. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '?')
}
