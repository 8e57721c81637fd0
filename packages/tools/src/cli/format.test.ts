import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { SourceLines } from "../compile/index.js"
import type { Finding } from "./finding.js"
import { formatGcc, formatMsvs } from "./format-gcc.js"
import { formatGithub } from "./format-github.js"
import { formatJson } from "./format-json.js"
import { countOf, formatText, terminalStyle } from "./format-text.js"
import { displayWidth, printable } from "./printable.js"

function finding(source: string | Uint8Array, line: number, column: number, more: Partial<Finding> = {}): Finding {
  const lines = new SourceLines(source)
  const words = { severity: "error", message: "Wrong.", hint: undefined } as const
  return { ...words, file: "dir/a.proto", line, column, lines: () => lines, ...more }
}

const NOWHERE = { line: undefined, column: undefined, lines: () => undefined }
const PLAIN = { columns: 60, colours: false }

test("text marks the place under the source line", () => {
  assert.equal(
    formatText(finding("message A {\n\tAple b = 1;", 2, 9, { hint: "did you mean `Apple`?" }), PLAIN),
    `dir/a.proto:2:9: error: Wrong.
  2 |     Aple b = 1;
    |     ^~~~
    hint: did you mean \`Apple\`?`,
  )
  // Wide characters take two columns.
  assert.equal(
    formatText(finding('"日本" e\u0301 word', 1, 14, { severity: "warning" }), PLAIN),
    `dir/a.proto:1:14: warning: Wrong.
  1 | "日本" e\u0301 word
    |          ^~~~`,
  )
  assert.equal(formatText(finding("x", 1, 1, NOWHERE), PLAIN), "dir/a.proto: error: Wrong.")
  assert.equal(formatText(finding("x", 1, 1, { ...NOWHERE, file: undefined }), PLAIN), "error: Wrong.")
})

test("text shortens long lines around the place", () => {
  const line = `${"a ".repeat(200)}WORD${" b".repeat(200)}`
  const [, source = "", mark = ""] = formatText(finding(line, 1, 401), PLAIN).split("\n")
  assert.ok(source.length <= 60)
  assert.match(source, /^ {2}1 \| ….*a WORD b.*…$/)
  assert.equal(source.slice(mark.indexOf("^"), mark.length), "WORD")
  const [, first = ""] = formatText(finding(line, 1, 1), PLAIN).split("\n")
  assert.match(first, /^ {2}1 \| a a .*…$/)
  assert.ok(first.length > 50 && first.length <= 60)
  const [, long = "", under = ""] = formatText(finding("x".repeat(500), 1, 1), PLAIN).split("\n")
  assert.match(long, /x…$/)
  assert.ok(under.length <= 60)
})

test("colours are for terminals, unless NO_COLOR or FORCE_COLOR say otherwise", () => {
  const colours = (isTTY: boolean, env: Record<string, string>): boolean => terminalStyle({ isTTY }, env).colours
  assert.deepEqual([colours(true, {}), colours(false, {}), colours(true, { TERM: "dumb" })], [true, false, false])
  assert.deepEqual([colours(true, { NO_COLOR: "1" }), colours(true, { NO_COLOR: "" })], [false, true])
  assert.deepEqual([colours(false, { FORCE_COLOR: "1" }), colours(true, { FORCE_COLOR: "0" })], [true, false])
  assert.equal(colours(true, { NO_COLOR: "1", FORCE_COLOR: "1" }), false)
  assert.equal(terminalStyle({ columns: 80 }, {}).columns, 80)
  const text = formatText(finding("word", 1, 1, { hint: "Hm." }), { columns: 80, colours: true })
  const [head, , mark, hint] = text.split("\n")
  assert.equal(head, "\x1b[1mdir/a.proto:1:1: \x1b[22m\x1b[31merror:\x1b[39m Wrong.")
  assert.ok(mark?.endsWith("\x1b[32m^~~~\x1b[39m"))
  assert.equal(hint?.trimStart(), "\x1b[36mhint:\x1b[39m Hm.")
})

test("counts errors, warnings and files", () => {
  const error = finding("", 1, 1)
  const warning = finding("", 1, 1, { severity: "warning", file: "b.proto" })
  assert.equal(countOf([error, error, warning], PLAIN), "2 errors and 1 warning in 2 files")
  assert.equal(countOf([error], PLAIN), "1 error in 1 file")
  assert.equal(countOf([finding("", 1, 1, { file: undefined })], PLAIN), "1 error")
})

test("gcc and msvs are protoc's own spellings", () => {
  const warning = finding("", 3, 7, { severity: "warning" })
  assert.equal(formatGcc(finding("", 3, 7)), "dir/a.proto:3:7: Wrong.")
  assert.equal(formatGcc(warning), "dir/a.proto:3:7: warning: Wrong.")
  assert.equal(formatMsvs(finding("", 3, 7)), "dir/a.proto(3) : error in column=7: Wrong.")
  assert.equal(formatMsvs(warning), "dir/a.proto(3) : warning in column=7: warning: Wrong.")
  assert.equal(formatGcc(finding("", 3, 7, NOWHERE)), "dir/a.proto: Wrong.")
})

test("github escapes what would end a property or the message", () => {
  assert.equal(
    formatGithub(finding("日 b", 1, 5, { file: "a,b:c%.proto", message: "100 %: a,\nb", hint: "Hm." })),
    "::error file=a%2Cb%3Ac%25.proto,line=1,col=3::100 %25: a,␊b%0AHm.",
  )
  assert.equal(formatGithub(finding("", 1, 1, { ...NOWHERE, file: undefined })), "::error::Wrong.")
  assert.match(formatGithub(finding("a", 1, 1, { severity: "warning" })), /^::warning file=/)
})

test("json is one document with protoc's places and those of editors", () => {
  const warning = finding("", 1, 1, { ...NOWHERE, severity: "warning", file: undefined })
  const text = formatJson([finding("\t日 word", 1, 13, { hint: "Hm." }), warning])
  assert.deepEqual(JSON.parse(text), {
    version: 1,
    errorCount: 1,
    warningCount: 1,
    diagnostics: [
      {
        severity: "error",
        file: "dir/a.proto",
        line: 1,
        column: 13,
        range: { start: { line: 0, character: 3 }, end: { line: 0, character: 7 } },
        message: "Wrong.",
        hint: "Hm.",
      },
      { severity: "warning", file: null, line: null, column: null, range: null, message: "Wrong.", hint: null },
    ],
  })
})

test("nothing that a terminal acts on comes through, whatever the source, the name and the message hold", () => {
  const nasty = fc.string({
    unit: fc.constantFrom("\x1b[31m", "\x9b", "\x07", "\r", "\n", "\t", "\u202e", "\u2028", "a", "日", "\u{e0041}"),
  })
  const harmful = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
  fc.assert(
    fc.property(
      nasty,
      nasty,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 40 }),
      (source, word, line, column) => {
        const hostile = finding(source, line, column, { file: word, message: word, hint: word })
        for (const format of [formatGcc, formatMsvs, formatGithub, (one: Finding) => formatJson([one])]) {
          assert.doesNotMatch(format(hostile), harmful)
        }
        for (const columns of [1, 30, 60]) {
          const text = formatText(hostile, { columns, colours: false })
          for (const shown of text.split("\n")) assert.doesNotMatch(shown, harmful)
          assert.ok(text.split("\n").length <= 4)
        }
        assert.equal(JSON.parse(formatJson([hostile])).diagnostics[0].message, word)
      },
    ),
  )
})

test("shows control characters, and knows how wide text is", () => {
  assert.equal(printable("a\x1b[0m\n\x7f\u202e\x9b"), "a␛[0m␊␡<U+202E><U+009B>")
  for (const [text, width] of [
    ["abc", 3],
    ["日本", 4],
    ["e\u0301", 1],
    ["한글", 4],
    ["😀", 2],
    ["é", 1],
  ] as const) {
    assert.equal(displayWidth(text), width, text)
  }
})
