/** Columns as Docker prints them: capitals on top, three spaces between, and no column narrower than ten with them. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)))
  return [header, ...rows].map(row => row.map((cell, column) => column === row.length - 1 ? cell : cell.padEnd(Math.max(10, (widths[column] ?? 0) + 3))).join('').trimEnd())
}
