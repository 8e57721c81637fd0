import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { Lexer } from "./lexer.js"

interface Lexed {
  readonly tokens: string[]
  readonly errors: string[]
}

/** Every token as `kind text line:column-endColumn`, every error as `line:column message`. */
function lex(source: string): Lexed {
  const errors: string[] = []
  const lexer = new Lexer(source, (line, column, message) => errors.push(`${line}:${column} ${message}`))
  const tokens: string[] = []
  // A file's first token is always asked for with its comments.
  lexer.nextWithComments()
  while (lexer.kind !== "end") {
    tokens.push(`${lexer.kind} ${lexer.text} ${lexer.line}:${lexer.column}-${lexer.endColumn}`)
    lexer.next()
  }
  return { tokens, errors }
}

test("cuts identifiers, numbers, strings and symbols, with their positions", () => {
  assert.deepEqual(lex('ab_1 = 0x1F\n  1.5e-3 "a\\"b" .5;'), {
    tokens: [
      "identifier ab_1 0:0-4",
      "symbol = 0:5-6",
      "integer 0x1F 0:7-11",
      "float 1.5e-3 1:2-8",
      'string "a\\"b" 1:9-15',
      "float .5 1:16-18",
      "symbol ; 1:18-19",
    ],
    errors: [],
  })
})

test("counts columns in bytes, a tab reaching to the next multiple of eight", () => {
  assert.deepEqual(lex("\ta\tb").tokens, ["identifier a 0:8-9", "identifier b 0:16-17"])
  assert.deepEqual(lex("/*\xc3\xa4*/a").tokens, ["identifier a 0:6-7"])
})

test("moves over a byte order mark and both kinds of comments", () => {
  assert.deepEqual(lex("\xef\xbb\xbf// x\n/* y\n */ a").tokens, ["identifier a 2:4-5"])
})

for (const [source, error] of [
  ["/* a", "0:4 End-of-file inside block comment."],
  ["/* /* */", '0:4 "/*" inside block comment.  Block comments cannot be nested.'],
  ['"a\nb', '0:2 Multiline strings are not allowed. Did you miss a "?.'],
  ['"a', "0:2 Unexpected end of string."],
  ['"\\q"', "0:2 Invalid escape sequence in string literal."],
  ['"\\xg"', "0:3 Expected hex digits for escape sequence."],
  ['"\\u12"', "0:5 Expected four hex digits for \\u escape sequence."],
  ["09", "0:1 Numbers starting with leading zero must be in octal."],
  ["0x", '0:2 "0x" must be followed by hex digits.'],
  ["1e", '0:2 "e" must be followed by exponent.'],
  ["1a", "0:1 Need space between number and identifier."],
  ["1.2.3", "0:3 Already saw decimal point or exponent; can't have another one."],
  ["a.5", "0:1 Need space between identifier and decimal point."],
  ["a \x01\x02 b", "0:2 Invalid control characters encountered in text."],
  ["\xc3", "0:0 Interpreting non ascii codepoint 195."],
] as const) {
  test(`reports ${JSON.stringify(source)}`, () => assert.equal(lex(source).errors[0], error))
}

/** The comments before each token but the first, as `trailing|detached,…|leading`. */
function comments(source: string): string[] {
  const lexer = new Lexer(source, (line, column, message) => assert.fail(`${line}:${column} ${message}`))
  const found: string[] = []
  do {
    const { trailing, detached, leading } = lexer.nextWithComments()
    found.push([trailing, detached.join(","), leading].map((text) => text.trim()).join("|"))
  } while (lexer.kind !== "end")
  return found
}

test("shares comments out between the declarations around them", () => {
  assert.deepEqual(comments("// a\n\n// b\nx"), ["|// a|// b".replaceAll("// ", ""), "||"])
  assert.deepEqual(comments("/* leads */ x"), ["||leads", "||"])
  assert.deepEqual(comments("x // trails\ny"), ["||", "trails||", "||"])
  assert.deepEqual(comments("x\n// trails\n\ny"), ["||", "trails||", "||"])
  assert.deepEqual(comments("x\n// leads\ny"), ["||", "||leads", "||"])
  assert.deepEqual(comments("x\n\n// apart\n\n// leads\ny"), ["||", "|apart|leads", "||"])
  assert.deepEqual(comments("x /* nobody's */ y"), ["||", "|nobody's|", "||"])
  assert.deepEqual(comments("x // trails\n// not more\n}"), ["||", "trails|not more|", "||"])
})

test("always ends, and its tokens are pieces of the source in order", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab1.0x\"'\\/*\n\t {};=-e\x01\xc3") })
  fc.assert(
    fc.property(text, (source) => {
      let from = 0
      for (const token of lex(source).tokens) {
        const written = token.replace(/^\w+ /, "").replace(/ \d+:\d+-\d+$/, "")
        from = source.indexOf(written, from)
        assert.notEqual(from, -1)
        from += written.length
      }
    }),
  )
})
