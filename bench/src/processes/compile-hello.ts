import { compile } from "@farcall/tools/compile"
import { HELLO_PROTO } from "../compiler/hello.js"
import { median } from "../measure/median.js"

/* Compiles a hello world again and again, in memory; prints the milliseconds of one, once it is warm. */
const read = (name: string): string | undefined => (name === "hello.proto" ? HELLO_PROTO : undefined)
const times: number[] = []
for (let i = 0; i < 300; i++) {
  const begun = performance.now()
  const { files } = compile({ files: ["hello.proto"], read, includeSourceInfo: true })
  times.push(performance.now() - begun)
  if (files.length !== 1) throw new Error("it did not compile")
}
console.log(median(times.slice(100)))
