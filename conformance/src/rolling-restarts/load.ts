import { type CallOptions, type Client, StatusError } from "farcall"
import type { Parrot, Text } from "../../../packages/farcall/dist/test-support/parrot.js"

/** Calls of all four kinds, so many at a time, until it is told to end. */
export class Load {
  /** Calls that have ended, and those of them that did not end as they should. */
  calls = 0
  readonly lost: string[] = []
  private ending = false
  private readonly workers: Promise<void>

  constructor(client: Client<typeof Parrot>, atOnce: number, options: CallOptions) {
    const work = async (): Promise<void> => {
      while (!this.ending) await this.one(client, options)
    }
    this.workers = Promise.all(Array.from({ length: atOnce }, work)).then(() => {})
  }

  /** Resolves once so many calls have ended. */
  async reach(calls: number): Promise<void> {
    while (this.calls < calls) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  end(): Promise<void> {
    this.ending = true
    return this.workers
  }

  private async one(client: Client<typeof Parrot>, options: CallOptions): Promise<void> {
    const number = this.calls++
    const kind = kinds[number % kinds.length]!
    const text = `call-${number}`
    try {
      const answer = await perform(client, kind, text, options)
      const expected = kind === "say" ? text : `${text} ${text} ${text}`
      if (answer !== expected) this.lost.push(`${kind} answered ${JSON.stringify(answer)}`)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      this.lost.push(`${kind} ended ${error.code}: ${error.message}`)
      // Who has no connection does not ask at every turn whether there is one.
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

const kinds = ["say", "gather", "repeat", "chat"] as const

async function perform(
  client: Client<typeof Parrot>,
  kind: (typeof kinds)[number],
  text: string,
  options: CallOptions,
): Promise<string> {
  const three = [{ text }, { text }, { text }]
  switch (kind) {
    case "say":
      return (await client.say({ text }, options)).text
    case "gather":
      return (await client.gather(three, options)).text
    case "repeat":
      return joined(client.repeat({ text }, options))
    case "chat":
      return joined(client.chat(three, options))
  }
}

async function joined(messages: AsyncIterable<Text>): Promise<string> {
  const texts: string[] = []
  for await (const { text } of messages) texts.push(text)
  return texts.join(" ")
}
