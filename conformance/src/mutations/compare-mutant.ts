import { readFileSync } from "node:fs"
import { join } from "node:path"
import { toBinary } from "@bufbuild/protobuf"
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"
import { compile, formatDiagnostic } from "@farcall/tools/compile"
import { mutateProto } from "../../../fuzz/dist/compiler/proto-mutations.js"
import { Random } from "../../../fuzz/dist/random.js"
import type { Base, Bases } from "./bases.js"
import { INCLUDE, type Verdict } from "./protoc-verdict.js"

/** A changed file, ready to be compiled. */
export interface MutantFile extends Base {
  readonly seed: number
  readonly changes: readonly string[]
}

/** The mutant of a seed is always the same one. */
export function mutantOf(seed: number, bases: Bases): MutantFile {
  const random = new Random(seed)
  const base = bases.pick(random)
  return { ...base, seed, ...mutateProto(base.source, random, bases.pick(random).source) }
}

/** What our compiler makes of it. */
export function ourVerdictOn({ name, root, source }: Base): Verdict {
  const read = (path: string): Uint8Array | undefined =>
    path === name ? Buffer.from(source, "latin1") : (readIfThere(join(root, path)) ?? readIfThere(join(INCLUDE, path)))
  const { files, diagnostics } = compile({ files: [name], read, includeSourceInfo: true })
  const file = diagnostics.some(({ severity }) => severity === "error")
    ? undefined
    : files.find((file) => file.name === name)
  const descriptor = file && toBinary(FileDescriptorProtoSchema, file)
  return { descriptor, crashed: false, lines: diagnostics.map(formatDiagnostic) }
}

/** How our verdict stands to protoc's. Of what cannot be compared it is undefined. */
export interface Agreement {
  /** Both accept, with the same descriptor to the byte, or both refuse. */
  readonly verdict: "same" | "ours accepts" | "ours refuses" | "descriptors differ" | "protoc crashes"
  /** When both refuse. */
  readonly firstPlace: boolean | undefined
  readonly firstMessage: boolean | undefined
  readonly allErrors: boolean | undefined
  /** When the verdicts agree. */
  readonly warnings: boolean | undefined
}

export function agreementOf(protoc: Verdict, ours: Verdict): Agreement {
  if (protoc.crashed) return { ...INCOMPARABLE, verdict: "protoc crashes" }
  const refusals = [protoc, ours].filter(({ descriptor }) => descriptor === undefined).length
  const [errors, ourErrors] = [protoc, ours].map(({ lines }) => lines.filter((line) => !isWarning(line)))
  const isRefused = refusals === 2
  const verdict =
    refusals === 1
      ? protoc.descriptor === undefined
        ? "ours accepts"
        : "ours refuses"
      : isRefused || Buffer.compare(protoc.descriptor!, ours.descriptor!) === 0
        ? "same"
        : "descriptors differ"
  return {
    verdict,
    firstPlace: isRefused ? placeOf(errors[0]) === placeOf(ourErrors[0]) : undefined,
    firstMessage: isRefused ? errors[0] === ourErrors[0] : undefined,
    allErrors: isRefused ? errors.join("\n") === ourErrors.join("\n") : undefined,
    warnings: refusals === 1 ? undefined : warningsOf(protoc) === warningsOf(ours),
  }
}

const INCOMPARABLE: Omit<Agreement, "verdict"> = {
  firstPlace: undefined,
  firstMessage: undefined,
  allErrors: undefined,
  warnings: undefined,
}

/** In an order of ours: in protoc's, unused imports come as they lie in a hash table of addresses, each time otherwise. */
function warningsOf({ lines }: Verdict): string {
  return lines.filter(isWarning).sort().join("\n")
}

function isWarning(line: string): boolean {
  return /^\S+: warning: /.test(line)
}

/** `file:line:column` of a message. */
function placeOf(line: string | undefined): string | undefined {
  return line === undefined ? undefined : (/^\S+?:\d+:\d+(?=: )/.exec(line)?.[0] ?? line.split(": ")[0])
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
