import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import { bytesOf, encodeBlock, hexOf } from "../test-support/header-blocks.js"
import { SeededRandom, seededHeaderList, seededTableLimits } from "../test-support/seeded-header-lists.js"
import { HpackDecoder } from "./decoder.js"
import { HpackEncoder } from "./encoder.js"
import type { HeaderFields } from "./header-block.js"
import { PreparedHeaders } from "./prepared-headers.js"

const python = process.env["FARCALL_PYTHON"]
const skip = python ? false : "needs Python (FARCALL_PYTHON)"
// The compiler leaves Python files where they are.
const script = fileURLToPath(new URL("../../src/test-support/python-hpack.py", import.meta.url))

const seed = 7541
const connections = 20
const blocksPerConnection = 500
const sensitive: ReadonlySet<string> = new Set(["authorization", "x-secret"])

type Field = [name: string, value: string, sensitive: boolean]

interface Answer {
  readonly fields: Field[]
  readonly block: string
  /** Entries of the dynamic table, and their size. */
  readonly length: number
  readonly size: number
}

/** All steps through one Python process. */
function askPython(steps: readonly object[]): Answer[] {
  const input = steps.map((step) => `${JSON.stringify(step)}\n`).join("")
  const env = { ...process.env, PYTHONIOENCODING: "utf-8" }
  const { status, stdout, stderr, error } = spawnSync(python!, [script], { input, env, maxBuffer: 2 ** 30 })
  if (error !== undefined) throw error
  const lines = stdout.toString().trim().split("\n")
  assert.equal(status, 0, `seed ${seed}: Python ended after ${lines.length} answers:\n${stderr}`)
  return lines.map((line) => JSON.parse(line) as Answer)
}

function marked(fields: HeaderFields): Field[] {
  const list: Field[] = []
  for (let i = 0; i < fields.length; i += 2) list.push([fields[i], fields[i + 1], sensitive.has(fields[i])])
  return list
}

test(`Python's hpack decodes ${connections * blocksPerConnection} blocks of ours`, { skip }, () => {
  const random = new SeededRandom(seed)
  const steps: object[] = []
  const expected: Omit<Answer, "block">[] = []
  for (let connection = 0; connection < connections; connection++) {
    steps.push({ new: true })
    const encoder = new HpackEncoder({ sensitive, huffman: !random.chance(4), tableSize: random.pick([4096, 8192]) })
    const prepared = Array.from({ length: 5 }, () => new PreparedHeaders(seededHeaderList(random)))
    for (let i = 0; i < blocksPerConnection; i++) {
      const limits = seededTableLimits(random)
      for (const limit of limits) encoder.setPeerTableSize(limit)
      const headers = random.chance(2) ? random.pick(prepared) : seededHeaderList(random)
      const extra = random.chance(2) ? ["grpc-timeout", `${i}m`, "x-secret", `t${i}`, "x-tenant", "blue"] : undefined
      const fields = headers instanceof PreparedHeaders ? headers.fields : headers
      steps.push({ limits, decode: hexOf(encodeBlock(encoder, headers, extra)) })
      const { tableLength: length, tableSize: size } = encoder
      expected.push({ fields: marked([...fields, ...(extra ?? [])]), length, size })
    }
  }
  const answers = askPython(steps)
  assert.equal(answers.length, connections * blocksPerConnection)
  for (const [i, answer] of answers.entries()) assert.deepEqual(answer, expected[i], `seed ${seed}, block ${i}`)
})

test(`${connections * blocksPerConnection} blocks of Python's hpack are decoded by ours`, { skip }, () => {
  const random = new SeededRandom(seed + 1)
  const steps: object[] = []
  const sent: { fields: HeaderFields; limits: number[] }[] = []
  for (let connection = 0; connection < connections; connection++) {
    steps.push({ new: true })
    const huffman = !random.chance(4)
    const repeated = Array.from({ length: 5 }, () => seededHeaderList(random))
    for (let i = 0; i < blocksPerConnection; i++) {
      // Python's encoder tells every size it was ever given, though one above the last limit is a fault (RFC 7541 §6.3),
      // and forgets all of them when the last one is given twice.
      const limits = [...new Set(seededTableLimits(random))].sort((a, b) => a - b)
      const fields = random.chance(2) ? random.pick(repeated) : seededHeaderList(random)
      steps.push({ limits, encode: marked(fields), huffman })
      sent.push({ fields, limits })
    }
  }
  const answers = askPython(steps)
  assert.equal(answers.length, connections * blocksPerConnection)
  let decoder: HpackDecoder
  for (const [i, { block, length, size }] of answers.entries()) {
    if (i % blocksPerConnection === 0) {
      decoder = new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 1 << 20, maxHeaderCount: 1000 })
    }
    const { fields, limits } = sent[i]
    for (const limit of limits) decoder!.setTableLimit(limit)
    const received = decoder!.decode(bytesOf(block), 0, block.length / 2)
    const where = `seed ${seed + 1}, block ${i}`
    const pseudo = [received.method, received.scheme, received.path, received.authority, received.status]
    const values = [...pseudo.filter((value) => value !== undefined), ...received.fields]
    const regular = fields.findIndex((name, at) => at % 2 === 0 && !name.startsWith(":"))
    const firsts = fields.slice(0, regular).filter((_, at) => at % 2 === 1)
    assert.deepEqual(values, [...firsts, ...fields.slice(regular)], where)
    const secret = marked(fields)
      .filter((field) => field[2])
      .map((field) => field[0])
    assert.deepEqual(received.neverIndexed ?? [], secret, where)
    assert.deepEqual([decoder!.tableLength, decoder!.tableSize], [length, size], where)
  }
})
