import { build } from "./build.mjs"
import { ensureInstalled } from "./install.mjs"
import { CommandFailed, main, runNode, step } from "./step.mjs"

const usage = `npm run conformance [-- --full]

Compares what is made here with what others make of the same: descriptors with protoc's, byte for byte, on every proto3
file of google-proto-files.

  --full   every part, those too that do not fit the time of CI`

/** Title, and the program of the conformance workspace that prints its own result and exits 1 when it is not whole. */
const parts = [["comparing descriptors with protoc's", "conformance/dist/descriptor-identity.js"]]

await main(usage, { full: { type: "boolean", default: false } }, async () => {
  await ensureInstalled()
  await build("conformance")
  const failed = []
  for (const [title, program] of parts) {
    try {
      await step(title, () => runNode([program]))
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      failed.push(title)
    }
  }
  if (failed.length > 0) throw new CommandFailed(`not conforming: ${failed.join(", ")}`)
})
