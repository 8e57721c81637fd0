import { execFileSync } from "node:child_process"
import { dirname } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { BroadcastChannel, type MessagePort, receiveMessageOnPort, threadId } from "node:worker_threads"
import { Metadata } from "../core/metadata.js"
import { StatusError } from "../core/status-error.js"
import type { ServerContext } from "../server/context.js"
import { serveWorker } from "../server/workers/serve-worker.js"
import { Parrot, type Text } from "./parrot.js"

// A Parrot on a worker thread. What it is to do is the first word of what it hears, or of the metadata `do`.

/** What the last call on this thread saw of its end. */
let seen = "nothing"
let seenReason: string | undefined

/** What tests are told of, and tell, beside the calls. */
const channel = new BroadcastChannel("parrot")
channel.unref()

function tell(word: string): void {
  channel.postMessage(word)
}

/** Blocks the thread until a test says `word`. */
function block(word: string): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4))
  tell("blocked")
  // It takes broadcast channels as well, which its type does not say.
  const port = channel as unknown as MessagePort
  while ((receiveMessageOnPort(port) as { message: unknown } | undefined)?.message !== word)
    Atomics.wait(nothing, 0, 0, 1)
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener("abort", () => resolve())
  })
}

const deeds: Record<string, (rest: string, context: ServerContext) => string | Promise<string>> = {
  echo: (rest) => rest,
  thread: () => String(threadId),
  context: (_, context) =>
    JSON.stringify({
      path: context.method.path,
      words: context.metadata.getAll("words"),
      bytes: Buffer.from(context.metadata.get("some-bin") ?? []).toString("hex"),
      peer: context.peer,
      authority: context.authority,
      deadline: context.deadline instanceof Date,
      remaining: context.remainingMs > 0 && context.remainingMs <= 60_000,
      certificate: context.auth?.certificate?.subject,
      protocol: context.auth?.protocol,
      compression: context.compression,
      compressed: context.requestCompressed,
    }),
  async wait(_, context) {
    tell("waiting")
    await untilAborted(context.signal)
    const { code, message, reason } = context.signal.reason as StatusError
    seenReason = reason
    seen = `${code}: ${message}; cancelled ${context.cancelled}; remaining ${context.remainingMs === 0}`
    return "late"
  },
  seen: () => seen,
  seenReason: () => String(seenReason),
  async slow(rest) {
    await sleep(Number(rest))
    return "slept"
  },
  block(rest) {
    block(rest)
    return "unblocked"
  },
  /** Waits for a file, or for its folder to be gone. Nothing can interrupt it once there is a `blocked` beside the file. */
  native(path) {
    execFileSync("sh", [
      "-c",
      ': > "$0/blocked"; while [ -d "$0" ] && [ ! -e "$1" ]; do sleep 0.05; done',
      dirname(path),
      path,
    ])
    return "woken"
  },
  /** Asks another server, on the call's behalf. */
  async relay(address, context) {
    // No other test is to wait until a thread has loaded the client.
    const { createChannel, createClient } = await import("../index.js")
    await using channel = createChannel(address)
    return (await createClient(Parrot, channel).say({ text: "relayed" }, { parent: context })).text
  },
  abort(rest, context) {
    context.responseHeaders.set("before", "headers")
    context.responseTrailers.set("own", "trailers")
    const details = [{ typeUrl: "type.googleapis.com/test.Detail", value: new Uint8Array([1, 2, 3]) }]
    return context.abort("FAILED_PRECONDITION", rest, { details, trailers: new Metadata({ thrown: "too" }) })
  },
  metadata(_, context) {
    context.responseHeaders.set("head", "one").set("head-bin", new Uint8Array([0, 255]))
    context.responseTrailers.append("tail", "one").append("tail", "two")
    return "fine"
  },
  early(rest, context) {
    context.responseHeaders.set("early", "yes")
    context.sendHeaders()
    block(rest)
    return "unblocked"
  },
  compress(rest, context) {
    context.compression = rest
    return "x".repeat(10_000)
  },
  throw() {
    throw new Error("secret")
  },
  strange() {
    throw () => "no clone"
  },
  exit: () => process.exit(3),
  crash() {
    setImmediate(() => {
      throw new Error("crashed")
    })
    return new Promise<string>(() => {})
  },
  crashLater() {
    setImmediate(() => {
      throw new Error("crashed later")
    })
    return "fine"
  },
  unwritable: () => "!",
}

async function obey(order: string, context: ServerContext): Promise<Text> {
  const at = order.indexOf(" ")
  const deed = deeds[at < 0 ? order : order.slice(0, at)]
  if (deed === undefined) throw new StatusError("INVALID_ARGUMENT", `no such deed: ${order}`)
  return { text: await deed(at < 0 ? "" : order.slice(at + 1), context) }
}

serveWorker(Parrot, {
  say: ({ text }, context) => obey(text, context),

  async gather(requests, context) {
    const order = context.metadata.get("do")
    if (order === "answer at once") return { text: "at once" }
    if (order === "wait for it") block("go")
    let length = 0
    let count = 0
    for await (const { text } of requests) {
      if (text === "stop") break
      if (text.startsWith("do ")) return obey(text.slice(3), context)
      count++
      length += text.length
    }
    return { text: `${count} of ${length}` }
  },

  async *repeat({ text }, context) {
    const [, count, size, then] = /^(\d+) (\d+)(?: (.+))?$/.exec(text)!
    try {
      for (let i = 0; i < Number(count); i++) {
        yield { text: String(i).padEnd(Number(size), "x") }
        if (i % 100 === 99) tell(`yielded ${i + 1}`)
      }
      if (then !== undefined) yield await obey(then, context)
    } finally {
      tell("over")
    }
  },

  async *chat(requests, context) {
    for await (const { text } of requests) yield text.startsWith("do ") ? await obey(text.slice(3), context) : { text }
  },
})
