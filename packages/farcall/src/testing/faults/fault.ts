/** What can go wrong between a client and a server. It strikes at a `CallPhase`, once. */
export type Fault =
  /** Both directions end abruptly, as when a machine is gone (RST of TCP). */
  | { readonly kind: "cut" }
  /** Directions end in order (FIN): the one towards the client, the one towards the server, or both when left out. */
  | { readonly kind: "close"; readonly towards?: "client" | "server" | undefined }
  /** Nothing passes any more, and nobody is told: not even that the other end has gone. */
  | { readonly kind: "stall" }
  /** Nothing passes for so many milliseconds; then all does. */
  | { readonly kind: "delay"; readonly ms: number }
  /** From here on what passes is cut into segments of one byte, or comes joined, once in 20 ms. */
  | { readonly kind: "segments"; readonly of: "bytes" | "joined" }
  /** RST_STREAM with an error code of HTTP/2 towards the client, and CANCEL towards the server. */
  | { readonly kind: "reset"; readonly code: number }
  /**
   * GOAWAY towards the client that counts its stream among those the server has seen, or not (then nothing of the stream
   * passes any more); with `close`, both directions end in order after it.
   */
  | { readonly kind: "goAway"; readonly seen: boolean; readonly close: boolean }
  /** END_STREAM towards the client, without trailers, and CANCEL towards the server. */
  | { readonly kind: "endStream" }
  /** Trailers that say OK, before their time, and CANCEL towards the server. */
  | { readonly kind: "trailers" }

/** Where in a call a fault strikes; "inside" is in the middle of the first message, "between" at its end. */
export const callPhases = [
  "request headers",
  "request message",
  "between requests",
  "response headers",
  "response message",
  "between responses",
  "trailers",
] as const

/** Headers and trailers: before they pass. */
export type CallPhase = (typeof callPhases)[number]

/** A byte of one direction of a connection, from 0 on: the fault strikes before it. */
export interface ByteOffset {
  readonly direction: "requests" | "responses"
  readonly byte: number
}

/** A fault that is to strike once, on whichever of several connections gets to its phase first once it is armed. */
export class PlannedFault {
  readonly fault: Fault
  readonly phase: CallPhase | ByteOffset
  /** Calls are left alone until it is true. */
  armed = false
  /** It has struck. */
  struck = false

  /** @throws TypeError for a fault of frames amid the bytes of one */
  constructor(fault: Fault, phase: CallPhase | ByteOffset) {
    this.fault = fault
    this.phase = phase
    if (this.framed && typeof phase !== "string") throw new TypeError(`${fault.kind} strikes between frames`)
  }

  /** Whether it acts on frames, and so between two of them; others may strike amid one. */
  get framed(): boolean {
    const { kind } = this.fault
    return kind === "reset" || kind === "goAway" || kind === "endStream" || kind === "trailers"
  }
}
