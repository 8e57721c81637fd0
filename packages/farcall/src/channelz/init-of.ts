import type { MessageCodec } from "../core/service.js"

/** What a codec encodes: a message, or a plain object of its fields. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the messages are that it decodes
export type InitOf<Codec> = Codec extends MessageCodec<any, infer Init> ? Init : never
