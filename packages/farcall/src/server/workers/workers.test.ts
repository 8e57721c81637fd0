import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { threadId } from "node:worker_threads"
import type { Metadata } from "../../core/metadata.js"
import { failureOf, textsOf, until } from "../../test-support/outcome.js"
import { type SceneOptions, WorkerScene } from "../../test-support/worker-scene.js"

for (const transport of ["memory", "tcp"] as const) {
  const open = (options: SceneOptions = {}): Promise<WorkerScene> => WorkerScene.open({ transport, ...options })

  describe(`a service on worker threads, over ${transport}`, () => {
    it("answers all four kinds of call, on a thread that is not the server's", async () => {
      await using scene = await open()
      const { client } = scene
      assert.notEqual(await scene.ask("thread"), String(threadId))
      assert.equal(await scene.ask("echo Grüße 🦜"), "Grüße 🦜")
      assert.equal(await scene.ask("echo "), "")
      assert.deepEqual(await client.gather([{ text: "a" }, { text: "bcd" }, { text: "" }]), { text: "3 of 4" })
      assert.deepEqual(await client.gather([]), { text: "0 of 0" })
      assert.deepEqual(await textsOf(client.repeat({ text: "3 2" })), ["0x", "1x", "2x"])
      assert.deepEqual(await textsOf(client.repeat({ text: "0 2" })), [])
      assert.deepEqual(await textsOf(client.chat([{ text: "hi" }, { text: "ho" }])), ["hi", "ho"])
      assert.deepEqual(scene.errors, [])
    })

    it("answers while the requests still come", async () => {
      await using scene = await open()
      const chat = scene.client.chat()
      const answers = chat[Symbol.asyncIterator]()
      for (const text of ["one", "two", "three"]) {
        await chat.write({ text })
        assert.deepEqual(await answers.next(), { value: { text }, done: false })
      }
      chat.end()
      assert.equal((await answers.next()).done, true)
    })

    it("answers early, without the rest of the requests", async () => {
      await using scene = await open()
      const call = scene.client.gather({ metadata: { do: "answer at once" } })
      assert.deepEqual(await call.response, { text: "at once" })
      const stopped = scene.client.gather()
      await stopped.write({ text: "stop" })
      assert.deepEqual(await stopped.response, { text: "0 of 0" })
      assert.equal(await scene.ask("echo free"), "free")
    })

    it("carries messages of any size", async () => {
      await using scene = await open()
      for (const size of [1, 250, 4_000, 16_379, 16_380, 70_000, 3_000_000]) {
        const text = "x".repeat(size)
        assert.equal(await scene.ask(`echo ${text}`), text)
        assert.deepEqual(await textsOf(scene.client.chat([{ text }, { text }])), [text, text])
      }
    })

    it("gives the handler its context", async () => {
      await using scene = await open()
      const metadata = { words: ["one", "two"], "some-bin": new Uint8Array([0, 1, 255]) }
      const { text } = await scene.client.say({ text: "context" }, { metadata, timeoutMs: 60_000, authority: "test:1" })
      const { peer, ...rest } = JSON.parse(text) as Record<string, unknown>
      assert.match(String(peer), transport === "tcp" ? /^ipv4:127\.0\.0\.1:\d+$/ : /^in-memory:\d+$/)
      assert.deepEqual(rest, {
        path: "/test.Parrot/Say",
        words: ["one", "two"],
        bytes: "0001ff",
        authority: "test:1",
        deadline: true,
        remaining: true,
        compression: "identity",
        compressed: false,
      })
    })

    it("sends the handler's headers and trailers", async () => {
      await using scene = await open()
      const got: Metadata[] = []
      const options = { onHeader: (h: Metadata) => got.push(h), onTrailer: (t: Metadata) => got.push(t) }
      await scene.client.say({ text: "metadata" }, options)
      assert.deepEqual(
        got.map((metadata) => [...metadata]),
        [
          [
            ["head", "one"],
            ["head-bin", Buffer.from([0, 255])],
          ].map(([key, value]) => [key, typeof value === "string" ? value : new Uint8Array(value as Buffer)]),
          [
            ["tail", "one"],
            ["tail", "two"],
          ],
        ],
      )
    })

    it("sends headers early, though the handler then blocks its thread", async () => {
      await using scene = await open()
      const order: string[] = []
      const call = scene.client.say({ text: "early go" }, { onHeader: (h) => order.push(`headers: ${h.get("early")}`) })
      void call.then(({ text }) => order.push(text))
      await until(() => order.length === 1, "the headers")
      scene.tell("go")
      await call
      assert.deepEqual(order, ["headers: yes", "unblocked"])
    })

    it("sends responses that were yielded before the handler blocks its thread", async () => {
      await using scene = await open()
      const responses = scene.client.repeat({ text: "2 1 block go" })[Symbol.asyncIterator]()
      assert.equal((await responses.next()).value?.text, "0")
      assert.equal((await responses.next()).value?.text, "1")
      await scene.heard("blocked")
      scene.tell("go")
      assert.equal((await responses.next()).value?.text, "unblocked")
    })

    it("ends with the status, details, headers and trailers that the handler aborts with", async () => {
      await using scene = await open()
      let headers: Metadata | undefined
      const error = await failureOf(
        scene.client.say({ text: "abort not now, später" }, { onHeader: (metadata) => (headers = metadata) }),
      )
      assert.equal(error.code, "FAILED_PRECONDITION")
      assert.equal(error.message, "not now, später")
      assert.deepEqual(error.details, [
        { typeUrl: "type.googleapis.com/test.Detail", value: new Uint8Array([1, 2, 3]) },
      ])
      assert.equal(error.trailers?.get("thrown"), "too")
      assert.equal(error.trailers?.get("own"), "trailers")
      assert.equal(headers?.get("before"), "headers")
      const stream = textsOf(scene.client.repeat({ text: "2 1 abort mid-stream" }))
      assert.equal((await failureOf(stream)).message, "mid-stream")
      assert.deepEqual(scene.errors, [])
    })

    it("tells the client nothing of what a handler throws, and the server all", async () => {
      await using scene = await open()
      const error = await failureOf(scene.client.say({ text: "throw" }))
      assert.deepEqual([error.code, error.message], ["UNKNOWN", "the handler failed"])
      assert.equal((await failureOf(scene.client.say({ text: "strange" }))).code, "UNKNOWN")
      assert.equal((await failureOf(textsOf(scene.client.chat([{ text: "do throw" }])))).code, "UNKNOWN")
      await until(() => scene.errors.length === 3, "the errors")
      assert.equal(scene.errors[0]!.message, "secret")
      assert.match(scene.errors[0]!.stack!, /parrot-worker/)
      assert.match(scene.errors[1]!.message, /Function/)
      assert.equal(await scene.ask("echo on"), "on")
    })

    it("ends INTERNAL what cannot be read, or written", async () => {
      await using scene = await open()
      const unreadable = await failureOf(scene.client.say({ text: "?" }))
      assert.deepEqual(
        [unreadable.code, unreadable.message],
        ["INTERNAL", "the request is no test.Text: text: not to be read"],
      )
      const streamed = await failureOf(scene.client.gather([{ text: "a" }, { text: "?" }]))
      assert.equal(streamed.code, "INTERNAL")
      const unwritable = await failureOf(scene.client.say({ text: "unwritable" }))
      assert.deepEqual(
        [unwritable.code, unwritable.message],
        ["INTERNAL", "the response is no test.Text: text: not to be written"],
      )
      assert.equal(await scene.ask("echo on"), "on")
    })

    it("refuses a response that is longer than the server sends", async () => {
      await using scene = await open({ server: { maxSendMessageLength: 1_000 } })
      const error = await failureOf(scene.client.say({ text: `echo ${"x".repeat(1_001)}` }))
      assert.deepEqual(
        [error.code, error.message],
        ["RESOURCE_EXHAUSTED", "message is 1001 bytes, the limit for sending is 1000"],
      )
      const stream = scene.client.repeat({ text: "5 1001" })
      assert.equal((await failureOf(textsOf(stream))).code, "RESOURCE_EXHAUSTED")
      assert.equal(await scene.ask("echo on"), "on")
    })

    it("runs as many calls at once as there are threads, one on each", async () => {
      await using scene = await open({ workers: 3 })
      const blocked = [1, 2, 3].map(() => scene.ask("block go"))
      await scene.heard("blocked", 3)
      const next = scene.ask("echo next")
      scene.tell("go")
      assert.deepEqual(await Promise.all(blocked), ["unblocked", "unblocked", "unblocked"])
      assert.equal(await next, "next")
      const threads = await Promise.all(Array.from({ length: 30 }, () => scene.ask("thread")))
      assert.equal(new Set(threads).size, 3)
    })

    it("holds a stream's thread until it ends", async () => {
      await using scene = await open()
      const chat = scene.client.chat()
      await chat.write({ text: "a" })
      const order: string[] = []
      const other = scene.ask("echo b").then((text) => order.push(text))
      const answers = chat[Symbol.asyncIterator]()
      order.push((await answers.next()).value!.text)
      await chat.write({ text: "still" })
      order.push((await answers.next()).value!.text)
      chat.end()
      assert.equal((await answers.next()).done, true)
      await other
      assert.deepEqual(order, ["a", "still", "b"])
    })
  })
}
