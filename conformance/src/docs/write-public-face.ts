import { writeFile } from "node:fs/promises"
import { publicFace, publicFacePage, publicNames } from "./public-face.js"

await writeFile(publicFacePage, publicFace(await publicNames()))
