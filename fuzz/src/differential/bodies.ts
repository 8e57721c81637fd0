import { createHash, type Hash } from "node:crypto"
import type { Body } from "./conversation.js"

/** Bytes that one body has at the most. */
export const largestBody: number = 2 ** 20

/** Where all bodies are cut from: byte i of a body is byte seed + i of this. The peer in Go has the same. */
const content = Uint8Array.from({ length: 2 * largestBody }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24)

export function lengthOf(body: Body): number {
  return body.chunks.reduce((sum, size) => sum + size, 0)
}

/** The pieces in which a body is sent. They must not be changed. */
export function* piecesOf(body: Body): Generator<Uint8Array> {
  let at = body.seed
  for (const size of body.chunks) yield content.subarray(at, (at += size))
}

/** What is noted down of a body: its length and SHA-1. */
export interface BodyView {
  readonly length: number
  readonly sha1: string
}

export function viewOfBody(body: Body | null): BodyView {
  const digest = new BodyDigest()
  for (const piece of body === null ? [] : piecesOf(body)) digest.add(piece)
  return digest.view()
}

/** A body as it is heard. */
export class BodyDigest {
  length = 0
  readonly #hash: Hash = createHash("sha1")

  add(bytes: Uint8Array): void {
    this.length += bytes.length
    this.#hash.update(bytes)
  }

  /** To be asked for once, at the end. */
  view(): BodyView {
    return { length: this.length, sha1: this.#hash.digest("hex") }
  }
}
