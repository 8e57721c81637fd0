import { mkdir, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { drawWay } from "./draw-way.js"
import { pictureOf, ways } from "./ways.js"

for (const way of ways) {
  const path = pictureOf(way)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, drawWay(way))
}
