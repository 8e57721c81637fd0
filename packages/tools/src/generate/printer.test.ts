import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { lineComment, Printer } from "./printer.js"

describe("Printer", () => {
  it("imports each name once, types apart from values, modules in the order of first use", () => {
    const printer = new Printer("./a_pb.js", "js", ";")
    printer.line(printer.type("Later", "one"), printer.value("value", "two"), printer.type("Earlier", "one"))
    printer.line(printer.type("Later", "one"))
    assert.equal(
      printer.toString("// head"),
      `// head

import type { Earlier, Later } from "one";
import { value } from "two";

LatervalueEarlier
Later
`,
    )
  })

  it("gives each name of a wide import a line, except where statements end with a semicolon", () => {
    const names = Array.from({ length: 12 }, (_, i) => `aRatherLongName${i}`)
    for (const end of ["", ";"] as const) {
      const printer = new Printer("./a.js", "js", end)
      for (const name of names) printer.value(name, "one")
      const lines = printer.toString("//").trimEnd().split("\n").slice(2)
      assert.equal(lines.length, end === ";" ? 1 : names.length + 2)
    }
  })

  it("imports a value that is also used as a type as a value alone", () => {
    const printer = new Printer("./a.js")
    printer.line(printer.type("Both", "one"), " ", printer.value("Both", "one"), " ", printer.type("Both", "one"))
    assert.equal(printer.toString("//"), '//\n\nimport { Both } from "one"\n\nBoth Both Both\n')
  })

  it("gives an imported name an alias when the file declares it, or another module's has it", () => {
    const printer = new Printer("./a.js")
    printer.declare("Thing")
    printer.line(printer.type("Thing", "one"), " ", printer.type("Thing", "two"), " ", printer.type("Thing", "one"))
    const text = printer.toString("//")
    assert.match(text, /import type { Thing as Thing\$1 } from "one"/)
    assert.match(text, /import type { Thing as Thing\$2 } from "two"/)
    assert.match(text, /^Thing\$1 Thing\$2 Thing\$1$/m)
  })

  it("indents blocks, and leaves empty lines empty", () => {
    const printer = new Printer("./a.js")
    printer.block("if (a) {", () => {
      printer.line("b")
      printer.line()
      printer.block("while (c) {", () => printer.line("d"))
    })
    assert.equal(printer.toString("//"), "//\n\nif (a) {\n  b\n\n  while (c) {\n    d\n  }\n}\n")
  })

  it("prints comments that nothing in them can end", () => {
    const printer = new Printer("./a.js")
    printer.docComment("*/ one\r*/\u2028*/ two\n\n**/")
    assert.equal(printer.toString("//"), "//\n\n/**\n * *\\/ one\n * *\\/\n * *\\/ two\n *\n * **\\/\n */\n")
  })

  it("prints no comment for a text of nothing but space", () => {
    const printer = new Printer("./a.js")
    printer.docComment(" \n ")
    assert.equal(printer.toString("//"), "//\n\n\n")
  })
})

describe("lineComment", () => {
  it("puts every line into the comment, whatever ends it", () => {
    assert.equal(lineComment(" a\r\n b\rc\u2028d\u2029e"), "// a\n// b\n//c\n//d\n//e")
  })
})
