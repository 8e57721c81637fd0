import assert from "node:assert/strict"
import { join } from "node:path"
import { describe, it } from "node:test"
import { CommandFolder } from "../test-support/command-folder.js"
import { findConfig, readConfig } from "./config-file.js"

describe("a farcall.json", () => {
  const cases: [string, RegExp][] = [
    ['{\n  "files": ["protos"],\n  "Out": "gen"\n}', /farcall\.json:3:3: there is no key "Out"; did you mean "out"\?$/],
    ['{"proto_path": ["."]}', /farcall\.json:1:2: there is no key "proto_path"; did you mean "protoPath"\?/],
    ['{"outside": 1}', /there is no key "outside"; there are files, protoPath, out,/],
    ['{"map": {"out": "@x/y"}, "out": 5}', /farcall\.json:1:26: "out" must be the path of a folder/],
    ['{"files": "protos"}', /"files" must be a list of texts/],
    ['{"enums": "const"}', /"enums" must be one of "enum", "object"/],
    ['{"only": ["grcp"]}', /"only" must be a list of some of "pb", "codec", "grpc"/],
    ['{"map": {"google/": "../elsewhere"}}', /"\.\.\/elsewhere" is not a package/],
    ['{"files": ["protos"],\n "out": "gen",\n}', /farcall\.json:3:1: .*(double-quoted|JSON)/],
    ['// Some "words": /*\n{ /* "out": 1 */ "ot": "//" }', /farcall\.json:2:18: there is no key "ot"/],
    ["[]", /farcall\.json:1:1: a configuration is an object/],
  ]
  for (const [text, expected] of cases) {
    it(`is refused, ${JSON.stringify(text)}`, () => {
      using folder = new CommandFolder({ "farcall.json": text })
      assert.throws(() => readConfig(join(folder.path, "farcall.json")), { message: expected })
    })
  }

  it("is found in the folder or above it, and its paths are its own", () => {
    const config = {
      files: ["protos", "!protos/old"],
      protoPath: [".", "/usr/include"],
      out: "../gen",
      map: { "a/": "@a/a" },
      index: true,
    }
    using folder = new CommandFolder({ "x/farcall.json": JSON.stringify(config), "x/y/z/file.txt": "" })
    assert.equal(findConfig(join(folder.path, "x/y/z")), "../../farcall.json")
    assert.equal(findConfig(join(folder.path, "x")), "farcall.json")
    const { path } = folder
    assert.deepEqual(readConfig(join(path, "x/farcall.json")), {
      files: [join(path, "x/protos"), `!${join(path, "x/protos/old")}`],
      protoPath: [join(path, "x"), "/usr/include"],
      out: join(path, "gen"),
      map: { "a/": "@a/a" },
      index: true,
    })
  })
})
