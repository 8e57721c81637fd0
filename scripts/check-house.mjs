import { readdir, readFile } from "node:fs/promises"
import { join, posix } from "node:path"
import { CommandFailed, isMain, main, root } from "./step.mjs"

const usage = `node scripts/check-house.mjs

Checks what no compiler and no linter does: that imports run downhill only, and that nobody but clock.ts reads a clock
or sets a timer. Names every line that breaks a rule.`

/** Who may not import what, and why. Modules are named by their path, packages by their name. */
const importBans = [
  [/^packages\/http2\//, /^(?!packages\/http2\/)/, "the engine depends on nothing, not even Node"],
  [
    /^packages\/protobuf\//,
    /^(?!packages\/protobuf\/|@bufbuild\/protobuf)/,
    "codecs depend on @bufbuild/protobuf alone",
  ],
  [
    /^packages\/farcall\/(?!src\/(schema|gen|error-details|opentelemetry|reflection|testing\/(fixtures|arbitrary))\/)/,
    /^(?!packages\/farcall\/|@farcall\/http2$|node:)/,
    "gRPC stands on the engine; messages come as codecs",
  ],
  [
    /^packages\/farcall\/src\/opentelemetry\//,
    /^(?!packages\/farcall\/src\/(opentelemetry|core|transport)\/|@opentelemetry\/api$)/,
    "OpenTelemetry's API alone: whose SDK it is, is the program's business",
  ],
  [
    /^packages\/farcall\/src\/reflection\//,
    /^(?!packages\/farcall\/|@bufbuild\/protobuf(\/wkt)?$)/,
    "reflection shows descriptors, which are @bufbuild/protobuf's",
  ],
  [
    /^packages\/farcall\/src\/testing\/fixtures\//,
    /^(?!packages\/farcall\/|node:|vitest$)/,
    "fixtures know their runner and nothing else",
  ],
  [
    /^packages\/farcall\/src\/testing\/(?!fixtures\/vitest\.)/,
    /^vitest$/,
    "who does not ask for vitest's fixtures need not have it",
  ],
  [
    /^packages\/farcall\/src\/testing\/arbitrary\//,
    /^(?!packages\/farcall\/src\/testing\/arbitrary\/|fast-check$|@bufbuild\/protobuf(\/\w+)?$)/,
    "arbitraries go by schemas, which are @bufbuild/protobuf's",
  ],
  [
    /^packages\/farcall\/src\/schema\//,
    /^(?!packages\/farcall\/src\/(schema|core)\/|@farcall\/protobuf\/schema-codec$)/,
    "schemas become definitions by the core's words and the one codec that goes by schemas",
  ],
  [
    /^packages\/farcall\/src\/error-details\//,
    /^(?!packages\/farcall\/src\/(error-details|core|gen)\/|@farcall\/protobuf$)/,
    "details are messages, and know no calls",
  ],
  [
    /^packages\/farcall\/src\/(?!(gen|error-details|health|reflection|channelz)\/)/,
    /^packages\/farcall\/src\/gen\//,
    "generated messages are for the services and details that speak them",
  ],
  [/^packages\/farcall\/src\/core\//, /^(?!packages\/farcall\/src\/core\/)/, "the core is the lowest"],
  [/^packages\/farcall\/src\/client\//, /^packages\/farcall\/src\/server\//, "client and server never meet"],
  [/^packages\/farcall\/src\/server\//, /^packages\/farcall\/src\/client\//, "client and server never meet"],
  [/^packages\/farcall\/src\/transport\//, /^packages\/farcall\/src\/server\//, "transports are below the server"],
  [
    /^packages\/farcall\/src\/(?!(testing|health|reflection|channelz|admin|error-details|interceptors|logging|ambient|opentelemetry|web)\/)/,
    /^packages\/farcall\/src\/(testing|health|reflection|channelz|admin|error-details|interceptors|logging|ambient|opentelemetry|web)\//,
    "subpath exports are on top",
  ],
  [
    /^packages\/farcall\/src\/(?!ambient\/)/,
    /^node:async_hooks$/,
    "AsyncLocalStorage costs every await: only who asks for it pays",
  ],
  [
    /^packages\/farcall\/src\/client\/(?!channel\.)/,
    /^packages\/farcall\/src\/transport\/(socket|tls)\./,
    "only createChannel reaches sockets, so that another channel can stand in its place",
  ],
  [
    /^packages\/tools\/src\/(compile|text-format)\//,
    /^node:|^packages\/tools\/src\/(generate|cli)\//,
    "the compiler and text format run anywhere",
  ],
  [/^packages\/tools\/src\/generate\//, /^packages\/tools\/src\/cli\//, "the command is on top"],
]

const clockNames =
  /\b(Date\.now|performance\.now|process\.(hrtime|uptime|nextTick)|setTimeout|setInterval|setImmediate|queueMicrotask|AbortSignal\.timeout)\b|\bnew Date\b(?!\s*\(\s*[^\s)])|(?<!\bnew )\bDate\(|"node:(timers|perf_hooks)/
const clockFile = "packages/farcall/src/core/clock.ts"

/** Every line of a module that breaks a rule, as `path:line: why`. */
export function brokenRules(path, text) {
  const broken = []
  withoutComments(text)
    .split("\n")
    .forEach((line, index) => {
      const imported = importedBy(path, line)
      for (const [importer, banned, why] of importBans) {
        if (imported !== undefined && importer.test(path) && banned.test(imported)) {
          broken.push(`${path}:${index + 1}: imports ${imported}: ${why}`)
        }
      }
      const clock = path === clockFile ? undefined : clockNames.exec(line)?.[0]
      if (clock) broken.push(`${path}:${index + 1}: uses ${clock}: time comes from the injected Clock`)
    })
  return broken
}

/** The sources that are shipped: not the tests, nor what supports them. */
async function sourcesOf(parent) {
  const paths = []
  for (const name of await readdir(join(root, parent))) {
    const entries = await readdir(join(root, parent, name, "src"), { recursive: true }).catch(() => [])
    for (const entry of entries) paths.push(posix.join(parent, name, "src", entry.replaceAll("\\", "/")))
  }
  return paths.filter((path) => /\.ts$/.test(path) && !/\.test\.ts$|\/test-support\//.test(path)).sort()
}

/** The text with its comments blanked, line by line. */
function withoutComments(text) {
  const blank = (comment) => comment.replace(/[^\n]/g, " ")
  return text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/(^|\s)\/\/.*$/gm, blank)
}

function importedBy(path, line) {
  const specifier = (/^(?:import|export|\})(?:.*\sfrom)?\s*"([^"]+)"/.exec(line) ??
    /\bimport\(\s*"([^"]+)"/.exec(line))?.[1]
  return specifier?.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier
}

if (isMain(import.meta)) {
  await main(usage, {}, async () => {
    const broken = []
    for (const path of await sourcesOf("packages")) {
      broken.push(...brokenRules(path, await readFile(join(root, path), "utf8")))
    }
    if (broken.length > 0) throw new CommandFailed(`house rules broken:\n  ${broken.join("\n  ")}`)
  })
}
