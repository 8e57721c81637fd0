import assert from "node:assert/strict"
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf"
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { compile, type Diagnostic } from "@farcall/tools/compile"
import { MAX_ERRORS } from "../../../packages/tools/dist/compile/limits.js"
import type { ProtoInput } from "./inputs.js"

/**
 * Compiles the input and checks that the compiler returns, that a refusal says what is wrong and where, within the files
 * there are, that an acceptance has descriptors of which a registry can be made, and that no more is said or written than
 * the input is worth. Returns whether it was accepted.
 *
 * @throws AssertionError, or what the compiler threw
 */
export function checkInput({ name, source, read }: ProtoInput): boolean {
  const sources = new Map<string, Uint8Array>()
  const { files, diagnostics } = compile({
    files: [name],
    includeSourceInfo: true,
    read: (path) => {
      assert.ok(!sources.has(path), `${path} is read twice`)
      const bytes = path === name ? source : read(path)
      if (bytes !== undefined) sources.set(path, bytes)
      return bytes
    },
  })
  let size = 0
  for (const { length } of sources.values()) size += length
  const errors = diagnostics.filter(({ severity }) => severity === "error")
  assert.ok(
    errors.length <= MAX_ERRORS + 1 && diagnostics.length - errors.length <= size,
    "there are too many messages",
  )
  const lines = new Map<string, string[]>()
  for (const [path, bytes] of sources) lines.set(path, Buffer.from(bytes).toString("latin1").split("\n"))
  for (const diagnostic of diagnostics) checkPlace(diagnostic, lines)
  const hasPlace = ({ line, near, message }: Diagnostic): boolean =>
    (line ?? near) !== undefined || ABOUT_THE_FILE.test(message)
  assert.ok(errors.length === 0 || errors.some(hasPlace), `no place for ${errors[0]?.message}`)
  if (errors.length > 0) {
    assert.ok(!files.some((file) => file.name === name), "a file with errors is in the result")
    return false
  }
  const file = files.find((file) => file.name === name)
  assert.ok(file, "neither a descriptor nor an error")
  const bytes = toBinary(FileDescriptorProtoSchema, file)
  assert.deepEqual(toBinary(FileDescriptorProtoSchema, fromBinary(FileDescriptorProtoSchema, bytes)), bytes)
  assert.ok(createFileRegistry(create(FileDescriptorSetSchema, { file: files })).getFile(name))
  return true
}

/** Such messages have no place in a file that says no syntax, or that cannot be read. */
const ABOUT_THE_FILE = /^Features are only valid under editions|^File not found/

function checkPlace({ file, message, ...diagnostic }: Diagnostic, sources: ReadonlyMap<string, string[]>): void {
  assert.ok(message !== "", "an empty message")
  const { line, column } = diagnostic.near ?? diagnostic
  if (line === undefined || column === undefined) return
  const lines = sources.get(file)
  assert.ok(lines, `a place in ${file}, which was not read: ${message}`)
  assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}: ${message}`)
  // A tab counts up to eight columns; the end of the line has one of its own.
  const width = lines[line - 1].length + 7 * (lines[line - 1].split("\t").length - 1)
  assert.ok(column >= 1 && column <= width + 1, `column ${column} of ${width} in line ${line}: ${message}`)
}
