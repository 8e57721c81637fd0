import { build } from "./build.mjs"
import { ensureInstalled } from "./install.mjs"
import { CommandFailed, main, runNode, step } from "./step.mjs"

const usage = `npm run conformance [-- --full]

Compares what is made here with what others make of the same, on the proto3 files of google-proto-files: descriptors with
protoc's, byte for byte, on all of them; generated types with protoc-gen-es's, line by line; and generated codecs with
@bufbuild/protobuf, on values and on malformed bytes.

  --full   every part, those too that do not fit the time of CI`

/** Title, and the program of the conformance workspace that prints its own result and exits 1 when it is not whole. */
const parts = [
  ["comparing descriptors with protoc's", "conformance/dist/descriptor-identity.js"],
  ["comparing generated types with protoc-gen-es's", "conformance/dist/pb-exports.js"],
  ["type-checking generated code, comparing codecs with @bufbuild/protobuf", "conformance/dist/codec-comparison.js"],
]

await main(usage, { full: { type: "boolean", default: false } }, async ({ full }) => {
  await ensureInstalled()
  await build("conformance")
  const failed = []
  for (const [title, program] of parts) {
    try {
      await step(title, () => runNode([program, ...(full ? ["--full"] : [])]))
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      failed.push(title)
    }
  }
  if (failed.length > 0) throw new CommandFailed(`not conforming: ${failed.join(", ")}`)
})
