import type { Column, Crossing, Stop, Way } from "./way.js"

/** The picture of a way, as SVG. @throws Error when a text is too long for its place */
export function drawWay(way: Way): string {
  const columns = [way.left, way.right]
  const most = Math.max(...columns.map(({ stops }) => heightOf(stops, leastGap)))
  const placed = columns.map(({ stops }, i) => place(stops, i === 0 ? leftEdge : rightEdge, most))
  const crossing: Placed = { x: leftEdge, y: top + most + crossingGap, width: crossingWidth, height: crossingHeight }
  const bottom = crossing.y + crossing.height
  const height = bottom + legendHeight
  const packages = new Set(columns.flatMap(({ stops }) => stops).map(packageOf))
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(way.title)}">`,
    style,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...columns.flatMap((column, i) => head(column, i === 0 ? leftEdge : rightEdge)),
    ...lanes(way, placed[0]!, placed[1]!, crossing),
    ...columns.flatMap(({ stops }, i) => stops.flatMap((stop, at) => box(stop, placed[i]![at]!))),
    ...crossingBox(way.between, crossing),
    ...legend(way, packages, bottom),
    "</svg>",
    "",
  ]
  return lines.join("\n")
}

const width = 1000
const leftEdge = 30
const boxWidth = 450
const rightEdge = width - leftEdge - boxWidth
const top = 64
const leastGap = 18
const crossingGap = 30
const crossingWidth = width - 2 * leftEdge
const crossingHeight = 74
const legendHeight = 54
/** Where the arrows run, from a box's left edge. */
const forthLane = boxWidth - 84
const backLane = boxWidth - 40

interface Placed {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The boxes of a column, spread over a height. */
function place(stops: readonly Stop[], x: number, height: number): Placed[] {
  const gap = (height - heightOf(stops, 0)) / (stops.length - 1)
  let y = top
  return stops.map((stop) => {
    const placed = { x, y: Math.round(y), width: boxWidth, height: boxHeight(stop) }
    y += placed.height + gap
    return placed
  })
}

function heightOf(stops: readonly Stop[], gap: number): number {
  return stops.reduce((sum, stop) => sum + boxHeight(stop), 0) + (stops.length - 1) * gap
}

function boxHeight(stop: Stop): number {
  return named(stop) ? 62 : 44
}

function named({ forth = [], back = [] }: Stop): boolean {
  return forth.length + back.length > 0
}

function packageOf({ file, name }: Stop): PackageName | undefined {
  if (file === undefined) return name === undefined ? undefined : "yours"
  const own = /^(http2|protobuf|tools)\/src\//.exec(file)?.[1] as PackageName | undefined
  return own ?? "farcall"
}

type PackageName = "farcall" | "http2" | "protobuf" | "tools" | "yours"

const packageTexts: Record<PackageName, string> = {
  yours: "yours, or made for you",
  farcall: "farcall",
  http2: "@farcall/http2",
  protobuf: "@farcall/protobuf",
  tools: "@farcall/tools",
}

// ── arrows: from each place that the way passes to the next one, behind the boxes between ──

function lanes({ left, right, between }: Way, onLeft: Placed[], onRight: Placed[], crossing: Placed): string[] {
  const back = between.back !== undefined
  return [
    ...lane("forth", [...passed(left, onLeft, "forth"), crossing], forthLane),
    ...lane("forth", [crossing, ...passed(right, onRight, "forth").reverse()], forthLane),
    ...lane("back", [...(back ? [crossing] : []), ...passed(left, onLeft, "back").reverse()], backLane),
    ...lane("back", [...passed(right, onRight, "back"), ...(back ? [crossing] : [])], backLane),
  ]
}

function passed({ stops }: Column, placed: readonly Placed[], direction: "forth" | "back"): Placed[] {
  return placed.filter((_, i) => stops[i]![direction] !== undefined)
}

function lane(direction: "forth" | "back", places: readonly Placed[], offset: number): string[] {
  // The crossing is as wide as both columns: an arrow stands where the other end is.
  return places.slice(1).map((to, i) => {
    const from = places[i]!
    const x = (from.width === boxWidth ? from : to).x + offset
    const down = from.y < to.y
    const [start, stop] = down ? [from.y + from.height, to.y - 3] : [from.y, to.y + to.height + 3]
    return `<path class="${direction}" d="M${x} ${start} V${stop}" marker-end="url(#${direction})"/>`
  })
}

// ── boxes ──

function head({ head: text }: Column, x: number): string[] {
  return [`<text x="${x + boxWidth / 2}" y="40" class="head" text-anchor="middle">${escaped(text)}</text>`]
}

function box(stop: Stop, { x, y, height }: Placed): string[] {
  const { file, name, says, forth = [], back = [], optional } = stop
  const title = file ?? name!
  const kind = packageOf(stop)!
  const lines = [
    `<rect x="${x}" y="${y}" width="${boxWidth}" height="${height}" rx="7" class="${kind}${optional ? " optional" : ""}"/>`,
    `<text x="${x + 14}" y="${y + 18}" class="file">${escaped(fitting(title, 52))}</text>`,
  ]
  const names = [forth.length === 0 ? "" : `→ ${forth.join(", ")}`, back.length === 0 ? "" : `← ${back.join(", ")}`]
  if (named(stop)) {
    fitting(names.join("  "), 58)
    if (names[0] !== "")
      lines.push(`<text x="${x + 14}" y="${y + 36}" class="names going">${escaped(names[0]!)}</text>`)
    if (names[1] !== "") {
      lines.push(
        `<text x="${x + boxWidth - 14}" y="${y + 36}" class="names coming" text-anchor="end">${escaped(names[1]!)}</text>`,
      )
    }
  }
  lines.push(`<text x="${x + 14}" y="${y + height - 9}" class="says">${escaped(fitting(says, 70))}</text>`)
  return lines
}

function crossingBox({ name, says, forth, back }: Crossing, { x, y, width: wide, height }: Placed): string[] {
  const middle = x + wide / 2
  return [
    `<rect x="${x}" y="${y}" width="${wide}" height="${height}" rx="7" class="crossing"/>`,
    `<text x="${middle}" y="${y + 20}" class="file" text-anchor="middle">${escaped(name)}</text>`,
    `<text x="${middle}" y="${y + 38}" class="says" text-anchor="middle">${escaped(fitting(says, 130))}</text>`,
    back === undefined
      ? `<text x="${middle}" y="${y + 60}" class="names going" text-anchor="middle">→ ${escaped(fitting(forth, 110))}</text>`
      : `<text x="${middle}" y="${y + 60}" class="names" text-anchor="middle"><tspan class="going">→ ${escaped(forth)}</tspan><tspan dx="36" class="coming">← ${escaped(back)}</tspan></text>`,
  ]
}

function legend({ forth, back }: Way, packages: ReadonlySet<PackageName | undefined>, bottom: number): string[] {
  const y = bottom + 28
  const second = leftEdge + 46 + textWidth(forth) + 24
  const lines = [
    `<path class="forth" d="M${leftEdge} ${y} H${leftEdge + 34}" marker-end="url(#forth)"/>`,
    `<text x="${leftEdge + 46}" y="${y + 4}" class="says">${escaped(forth)}</text>`,
    `<path class="back" d="M${second + 34} ${y} H${second}" marker-end="url(#back)"/>`,
    `<text x="${second + 46}" y="${y + 4}" class="says">${escaped(back)}</text>`,
  ]
  let x = width - leftEdge
  for (const name of (Object.keys(packageTexts) as PackageName[]).reverse()) {
    if (!packages.has(name)) continue
    const text = packageTexts[name]
    x -= textWidth(text) + 40
    lines.push(`<rect x="${x}" y="${y - 8}" width="16" height="16" rx="4" class="${name}"/>`)
    lines.push(`<text x="${x + 22}" y="${y + 4}" class="says">${escaped(text)}</text>`)
  }
  return lines
}

/** About so wide is what stands in the legend. */
function textWidth(text: string): number {
  return Math.round(6.6 * text.length)
}

function fitting(text: string, most: number): string {
  if (text.length > most)
    throw new Error(`${JSON.stringify(text)} is ${text.length} characters long, and may be ${most}`)
  return text
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

const marker = (name: string, color: string): string =>
  `<marker id="${name}" viewBox="0 0 8 8" refX="5" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="${color}"/></marker>`

const style = `<style>
text { font-family: ui-sans-serif, system-ui, "DejaVu Sans", sans-serif; fill: #1f2328 }
.head { font-size: 17px; font-weight: 600 }
.file { font-size: 13.5px; font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-weight: 600 }
.names { font-size: 12px; font-family: ui-monospace, "DejaVu Sans Mono", monospace }
.going { fill: #0b5cad }
.coming { fill: #8a4b08 }
.says { font-size: 12px; fill: #57606a }
rect { stroke-width: 1.2 }
.page { fill: #ffffff }
.farcall { fill: #f6f8fa; stroke: #afb8c1 }
.yours { fill: #e9f5ec; stroke: #67a877 }
.http2 { fill: #eaf2fb; stroke: #6d9fd0 }
.protobuf { fill: #fdf3e3; stroke: #d3a45a }
.tools { fill: #f3eefb; stroke: #a58bd0 }
.crossing { fill: #ffffff; stroke: #1f2328; stroke-width: 1.6 }
.optional { stroke-dasharray: 4 3 }
path.forth { stroke: #0b5cad; stroke-width: 1.7; fill: none }
path.back { stroke: #8a4b08; stroke-width: 1.7; fill: none; stroke-dasharray: 5 3 }
</style>
<defs>
${marker("forth", "#0b5cad")}
${marker("back", "#8a4b08")}
</defs>`
