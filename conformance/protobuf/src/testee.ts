import { appendFileSync, readSync, writeSync } from "node:fs"
import { parseArgs } from "node:util"
import { fromBinary, toBinary } from "@farcall/protobuf"
import { respond } from "./respond.js"
import { loadTestTypes } from "./test-types.js"

// The testee of protobuf's conformance suite: on stdin and stdout, a length of four bytes, little-endian, then a message;
// until stdin ends.
//   --codec NAME   whose codecs are tested: farcall (the default) or protobuf-es
//   --tally FILE   a file that gets a line for each case, with its category

const { values } = parseArgs({
  options: { codec: { type: "string", default: "farcall" }, tally: { type: "string", default: "" } },
})
const types = await loadTestTypes(values.codec)
let tally = ""
for (let message = readMessage(); message !== undefined; message = readMessage()) {
  const request = fromBinary(types.request, message)
  // The first request asks for what is known to fail, and is no case.
  if (request.testCategory !== 0) tally += `${request.testCategory}\n`
  writeMessage(toBinary(types.response, respond(request, types)))
}
if (values.tally !== "") appendFileSync(values.tally, tally)

function readMessage(): Uint8Array | undefined {
  const length = read(4)
  if (length === undefined) return undefined
  const message = read(length.readUInt32LE(0))
  if (message === undefined) throw new Error("stdin ends where a message was announced")
  return message
}

/** So many bytes of stdin; undefined at its end. */
function read(count: number): Buffer | undefined {
  const buffer = Buffer.alloc(count)
  for (let filled = 0; filled < count; ) {
    const size = readSync(0, buffer, filled, count - filled, null)
    if (size === 0) return undefined
    filled += size
  }
  return buffer
}

function writeMessage(message: Uint8Array): void {
  const framed = Buffer.alloc(4 + message.length)
  framed.writeUInt32LE(message.length, 0)
  framed.set(message, 4)
  for (let written = 0; written < framed.length; ) written += writeSync(1, framed, written)
}
