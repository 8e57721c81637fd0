import assert from "node:assert/strict"
import { join } from "node:path"
import { describe, it } from "node:test"
import { CommandFolder } from "../test-support/command-folder.js"
import { Generation } from "./generation.js"
import { Progress } from "./progress.js"
import { Report } from "./report.js"

describe("Generation", () => {
  const proto = (body: string): string => `syntax = "proto3"; package p; ${body}`

  /** a ← b ← c, and d alone. */
  function chain(): { folder: CommandFolder; generation: Generation } {
    const folder = new CommandFolder({
      "a.proto": proto("message A { int32 x = 1; }"),
      "b.proto": proto('import "a.proto"; message B { A a = 1; }'),
      "c.proto": proto('import "b.proto"; message C { B b = 1; }'),
      "d.proto": proto("message D { int32 x = 1; }"),
    })
    return { folder, generation: new Generation({ files: [folder.path], protoPath: [folder.path], options: {} }) }
  }

  it("makes anew what a change touches, and nothing else", () => {
    const { folder, generation } = chain()
    using _ = folder
    const run = (): number => generation.run(new Report())!.renewed
    assert.equal(run(), 4)
    assert.equal(run(), 0)
    folder.write("d.proto", proto("message D { int32 y = 1; }"))
    assert.equal(run(), 1)
    folder.write("b.proto", proto('import "a.proto"; message B { A a = 1; int32 more = 2; }'))
    assert.equal(run(), 2)
    folder.write("a.proto", proto("message A { string x = 1; }"))
    assert.equal(run(), 3)
    folder.write("e.proto", proto('import "d.proto"; message E { D d = 1; }'))
    assert.equal(run(), 1)
  })

  it("gives after any changes what a first run gives", () => {
    const { folder, generation } = chain()
    using _ = folder
    generation.run(new Report())
    folder.write("b.proto", "broken")
    const report = new Report()
    assert.equal(generation.run(report), undefined)
    assert.ok(report.hasErrors)
    folder.write("b.proto", proto('import "a.proto"; import "d.proto"; message B { A a = 1; D d = 2; }'))
    folder.write("a.proto", proto("// New.\nmessage A { int32 z = 1; }"))
    const again = generation.run(new Report())!
    assert.equal(again.renewed, 3)
    const first = new Generation({ files: [folder.path], protoPath: [folder.path], options: {} }).run(new Report())!
    assert.deepEqual(again.files, first.files)
  })

  it("knows what it looked for, and where more may come", () => {
    const { folder, generation } = chain()
    using _ = folder
    folder.write("d.proto", proto('import "missing.proto";'))
    assert.equal(generation.run(new Report()), undefined)
    assert.ok(generation.looked.has(join(folder.path, "missing.proto")))
    assert.deepEqual(generation.folders, [folder.path])
  })
})

describe("Progress", () => {
  it("is shown on a terminal for long runs, a line in one place, gone at the end", () => {
    const written: string[] = []
    const progress = new Progress("generating", 200, { isTTY: true, write: (text) => written.push(text) })
    for (let i = 1; i <= 200; i++) progress.at(i)
    progress.end()
    assert.ok(written.length <= 102, `${written.length} writes`)
    assert.equal(written[0], "\rgenerating 1/200 (0 %)")
    assert.equal(written.at(-2), "\rgenerating 200/200 (100 %)")
    assert.equal(written.at(-1), "\r\u001b[K")
  })

  it("is not shown elsewhere, nor for what is soon done", () => {
    const write = (): never => assert.fail("something was written")
    for (const progress of [new Progress("x", 200, { write }), new Progress("x", 10, { isTTY: true, write })]) {
      progress.at(1)
      progress.end()
    }
  })
})
