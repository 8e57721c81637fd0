import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { CommandFolder } from "../test-support/command-folder.js"

const greeter = (fields: string, head = ""): string =>
  `syntax = "proto3"; package hello; ${head} message HelloRequest { ${fields} }`

describe("farcall generate --watch", () => {
  it("generates again when a file changes, an error is mended, or a missing import appears", async () => {
    using folder = new CommandFolder({ "greeter.proto": greeter("string name = 1;") })
    await using command = folder.start(["generate", "--watch", "--out", "gen", "greeter.proto"])
    await command.seen("watching")
    const write = (name: string, text: string) => () => folder.write(name, text)
    await command.seenAfter(write("greeter.proto", greeter("bytes name = 1;")), "wrote gen/greeter_codec.ts")
    const kept = folder.read("gen/greeter_codec.ts")
    const importing = greeter("string name = 1;", 'import "other.proto";')
    const said = await command.seenAfter(write("greeter.proto", importing), "what was generated before is as it was")
    assert.match(said, /other\.proto/)
    assert.equal(folder.read("gen/greeter_codec.ts"), kept)
    await command.seenAfter(write("other.proto", 'syntax = "proto3"; message Other {}'), "wrote gen/other_pb.ts")
    assert.notEqual(folder.read("gen/greeter_codec.ts"), kept)
  })

  it("notices new files in a folder, and another configuration", async () => {
    const config = (json: boolean): string => JSON.stringify({ files: ["protos"], out: "gen", jsonTypes: json })
    using folder = new CommandFolder({ "farcall.json": config(false), "protos/a.proto": greeter("string name = 1;") })
    await using command = folder.start(["generate", "--watch"])
    await command.seen("watching")
    const b = (): void => folder.write("protos/b.proto", 'syntax = "proto3"; message B {}')
    await command.seenAfter(b, "wrote gen/b_pb.ts")
    await command.seen("generated again: 1 of 2 .proto files")
    await command.seenAfter(() => folder.write("farcall.json", config(true)), "wrote gen/a_pb.ts")
    assert.match(folder.read("gen/a_pb.ts"), /HelloRequestJson/)
    await command.seenAfter(() => folder.write("farcall.json", "{"), "farcall.json:1:2")
  })
})
