import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { relativeModule } from "./module-path.js"

describe("relativeModule", () => {
  const cases: [from: string, to: string, expected: string][] = [
    ["./a.js", "./b.js", "./b.js"],
    ["./x/a.js", "./x/b.js", "./b.js"],
    ["./x/a.js", "./b.js", "../b.js"],
    ["./a.js", "./x/y/b.js", "./x/y/b.js"],
    ["./x/y/a.js", "./x/z/b.js", "../z/b.js"],
    ["./x/a.js", "./y/a.js", "../y/a.js"],
    ["./x/x/a.js", "./x/a.js", "../a.js"],
    ["./x/a.js", "./x.js", "../x.js"],
    ["./x/a.js", "./../b.js", "../../b.js"],
    ["./x/a.js", "@bufbuild/protobuf", "@bufbuild/protobuf"],
  ]
  for (const [from, to, expected] of cases) {
    it(`${from} imports ${to} from ${expected}`, () => assert.equal(relativeModule(from, to), expected))
  }
})
