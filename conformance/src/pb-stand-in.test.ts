import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { after, before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { generate } from "@farcall/tools"
import { compiledBatches } from "./generated-corpus.js"
import { TypeScriptProject } from "./generated-types.js"
import { protocGenEs } from "./pb-exports.js"

const FOLDER = fileURLToPath(new URL("../proto", import.meta.url))

/** What people do with the output of protoc-gen-es: everything that its manual shows. */
const program = `
import { clone, create, createRegistry, equals, fromBinary, fromJson, getExtension, getOption, hasExtension, isMessage, setExtension, toBinary, toJson } from "@bufbuild/protobuf"
import type { JsonObject, MessageInitShape, MessageShape } from "@bufbuild/protobuf"
import { reflect } from "@bufbuild/protobuf/reflect"
import { anyPack, anyUnpack, MethodOptionsSchema } from "@bufbuild/protobuf/wkt"
import { access, AccessSchema, type Ballot, type BallotJson, BallotSchema, file_tally, Tallies, type Tally, TallySchema } from "./tally_pb.js"

const init: MessageInitShape<typeof BallotSchema> = { choice: "a", weights: { mine: 1n } }
const ballot: Ballot = create(BallotSchema, init)
const tally: MessageShape<typeof TallySchema> = create(TallySchema, { last: ballot, votes: { a: 2n } })
const copy: Tally = fromBinary(TallySchema, toBinary(TallySchema, clone(TallySchema, tally)))
const json: BallotJson = toJson(BallotSchema, ballot)
const seal: Uint8Array | undefined = ballot.seal
const back = fromJson(BallotSchema, { choice: "b", weights: { x: "7" } } satisfies BallotJson)
const registry = createRegistry(file_tally)
const packed = anyUnpack(anyPack(TallySchema, tally), registry)
const options = create(MethodOptionsSchema)
setExtension(options, access, create(AccessSchema, { role: "r" }))
const role: string = getExtension(options, access).role
const kind: "server_streaming" = Tallies.method.watch.methodKind
const input: typeof BallotSchema = Tallies.method.vote.input
const object: JsonObject = { ...json }
console.log(JSON.stringify([
  equals(TallySchema, tally, copy), object, seal === undefined, String(back.weights["x"]), isMessage(packed, TallySchema),
  role, hasExtension(options, access), kind, input.typeName, getOption(Tallies.method.vote, access).scopes,
  reflect(BallotSchema, ballot).fields.length, Tallies.methods.map((method) => [method.localName, method.idempotency, method.deprecated]),
]))
`

describe("x_pb.ts stands in for protoc-gen-es's", () => {
  const projects = new Map<string, TypeScriptProject>()
  before(() => {
    const [batch] = [...compiledBatches(["tally.proto"], FOLDER)]
    const theirs = [...protocGenEs(batch!, "json_types=true,import_extension=js")].map(([path, text]) => ({
      path,
      text,
    }))
    const ours = generate(batch!.files, { jsonTypes: true, only: ["pb"] })
    for (const [name, files] of [
      ["ours", ours],
      ["theirs", theirs],
    ] as const) {
      const project = new TypeScriptProject()
      project.write([...files, { path: "program.ts", text: program }])
      projects.set(name, project)
    }
  })
  after(() => {
    for (const project of projects.values()) project.remove()
  })

  it("in one program that type-checks with either, and does the same", async () => {
    const printed = await Promise.all([...projects.values()].map(compileAndRun))
    assert.equal(printed[0], printed[1])
    assert.match(printed[0]!, /^\[true,\{"choice":"a","weights":\{"mine":"1"\}\},true,"7",true,"r",true,/)
  })
})

async function compileAndRun(project: TypeScriptProject): Promise<string> {
  assert.equal(await project.typeCheck("7.0", { lib: ["es2023", "dom"] }), "")
  const { stdout } = await promisify(execFile)(process.execPath, [project.compiled("program")])
  return stdout
}
