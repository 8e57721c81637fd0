import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { it } from "node:test"
import { fileURLToPath } from "node:url"

it("mixed calls through lost connections all end, and leave nothing, in three seconds too", async () => {
  const program = fileURLToPath(new URL("main.js", import.meta.url))
  const child = spawn(process.execPath, ["--expose-gc", "--no-warnings", program, "--minutes", "0.05", "--seed", "1"])
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text))
  const code = await new Promise((resolve) => child.on("close", resolve))
  assert.equal(code, 0, output)
  assert.match(output, /^✓ every call ended in one status/m)
})
