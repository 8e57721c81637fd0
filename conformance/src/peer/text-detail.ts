import type { ByteSink, StatusDetail } from "farcall"
import { TextCodec } from "../gen/peer_codec.js"

/** A status detail of type farcall.peer.Text. */
export function packText(text: string): StatusDetail {
  const sink: ByteSink = { buffer: new Uint8Array(256), start: 0, limit: 256 }
  const stop = TextCodec.encode({ text }, sink, 0)
  return { typeUrl: `type.googleapis.com/${TextCodec.typeName}`, value: sink.buffer.slice(0, stop) }
}

/** The text in such a detail. */
export function unpackText({ value }: StatusDetail): string {
  return TextCodec.decode(value, 0, value.length).text
}
