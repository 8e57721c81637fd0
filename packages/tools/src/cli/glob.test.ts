import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { globExpression } from "./glob.js"

describe("globExpression", () => {
  const cases: [pattern: string, matches: string[], others: string[]][] = [
    ["*.proto", ["a.proto", ".proto"], ["a/b.proto", "aproto", "a.protox"]],
    ["a/**/*.proto", ["a/b.proto", "a/b/c/d.proto"], ["b.proto", "ab/c.proto"]],
    ["**/x.proto", ["x.proto", "a/b/x.proto"], ["ax.proto"]],
    ["a/**", ["a/b", "a/b/c.proto"], ["a", "b/a"]],
    ["v?/a.proto", ["v1/a.proto"], ["v12/a.proto", "v//a.proto"]],
    ["v[12]/[!a-c].proto", ["v1/d.proto", "v2/z.proto"], ["v3/d.proto", "v1/b.proto"]],
    ["{a,b/c}/{x,y*}.proto", ["a/x.proto", "b/c/yes.proto"], ["b/x.proto", "a/z.proto"]],
    ["a+(b).proto", ["a+(b).proto"], ["aab.proto"]],
    ["./a.proto", ["a.proto"], ["ba.proto"]],
    ["a,b.proto", ["a,b.proto"], ["a", "b.proto"]],
  ]
  for (const [pattern, matches, others] of cases) {
    it(`reads ${pattern}`, () => {
      for (const path of matches) assert.match(path, globExpression(pattern))
      for (const path of others) assert.doesNotMatch(path, globExpression(pattern))
    })
  }
})
